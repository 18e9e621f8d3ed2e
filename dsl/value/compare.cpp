// Equality, order and membership (vsl-language.md section 6, vsl-rules.md 9.3).
#include <cmath>
#include <compare>

#include "dsl/value/membership.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl {

ErrorPtr compare(Op op, const Value& left, const Value& right, Value& result);

namespace {

// A bound on the elements looked at, so that values sharing their parts cannot make a comparison endless.
constexpr int max_compared = 4'000'000;

ErrorPtr equal_within(const Value& left, const Value& right, bool& result, int depth, int& budget);

std::partial_ordering order_numbers(const Value& a, const Value& b) noexcept {
    if (a.is_int() && b.is_int()) return a.as_int() <=> b.as_int();
    const double x = a.is_int() ? static_cast<double>(a.as_int()) : a.as_float();
    const double y = b.is_int() ? static_cast<double>(b.as_int()) : b.as_float();
    return x <=> y;
}

bool is_number(const Value& v) noexcept { return v.is_int() || v.is_float(); }

std::string text_of(const Value& v) {
    std::string text;
    if (v.is_char())
        append_char(text, v.as_char());
    else
        text = v.as_string();
    return text;
}

ErrorPtr refused(const std::string& why) { return make_thrown(Value::string(why)); }

ErrorPtr equal_host(const Value& left, const Value& right, bool& result) {
    std::string why;
    auto answer = left.is_host() ? left.as_host().equals(right, why) : HostObject::Answer::undefined;
    if (answer == HostObject::Answer::undefined && right.is_host()) answer = right.as_host().equals(left, why);
    if (answer == HostObject::Answer::refused) return refused(why);
    result = answer == HostObject::Answer::yes;
    return nullptr;
}

ErrorPtr equal_arrays(const ArrayObject& a, const ArrayObject& b, bool& result, int depth, int& budget) {
    result = a.items.size() == b.items.size();
    for (std::size_t i = 0; result && i < a.items.size(); ++i)
        if (auto error = equal_within(a.items[i], b.items[i], result, depth + 1, budget)) return error;
    return nullptr;
}

ErrorPtr equal_maps(const MapObject& a, const MapObject& b, bool& result, int depth, int& budget) {
    result = a.size() == b.size();
    for (const auto& entry : a.entries()) {
        if (!result) break;
        const auto* other = b.find(entry.key);
        if (!other) {
            result = false;
        } else if (auto error = equal_within(entry.value, *other, result, depth + 1, budget)) {
            return error;
        }
    }
    return nullptr;
}

bool equal_ranges(const RangeObject& a, const RangeObject& b) noexcept {
    return a.start == b.start && a.end == b.end && a.inclusive == b.inclusive;
}

ErrorPtr equal_within(const Value& left, const Value& right, bool& result, int depth, int& budget) {
    if (depth > max_nesting || --budget < 0) return too_large("Comparison of nested values");
    if (is_number(left) && is_number(right)) {
        result = order_numbers(left, right) == 0;
        return nullptr;
    }
    if (left.is_string() && right.is_string()) {
        result = left.as_string() == right.as_string();
        return nullptr;
    }
    if (left.is_host() || right.is_host()) return equal_host(left, right, result);
    if ((left.is_char() && right.is_string()) || (left.is_string() && right.is_char())) {
        result = text_of(left) == text_of(right);
        return nullptr;
    }
    result = false;
    if (left.tag() != right.tag()) return nullptr;
    switch (left.tag()) {
        case Tag::array: return equal_arrays(left.as_array(), right.as_array(), result, depth, budget);
        case Tag::map: return equal_maps(left.as_map(), right.as_map(), result, depth, budget);
        case Tag::blob: result = left.as_blob().bytes == right.as_blob().bytes; return nullptr;
        case Tag::range: result = equal_ranges(left.as_range(), right.as_range()); return nullptr;
        case Tag::fn: return not_found(Op::eq, left, right);
        default: result = left.same_bits(right); return nullptr;
    }
}

// Order of a pair that has one; unordered for different types.
bool ordered(const Value& left, const Value& right, std::partial_ordering& order) {
    if (is_number(left) && is_number(right)) {
        order = order_numbers(left, right);
    } else if (left.is_string() && right.is_string()) {
        order = left.as_string() <=> right.as_string();
    } else if ((left.is_char() || left.is_string()) && (right.is_char() || right.is_string())) {
        // Mixed with a character, a string counts by its first two characters only.
        const auto cut = [](const Value& v) {
            auto text = text_of(v);
            text.resize(char_offset(text, 2));
            return text;
        };
        order = cut(left) <=> cut(right);
    } else if (left.is_bool() && right.is_bool()) {
        order = left.as_bool() <=> right.as_bool();
    } else if (left.is(Tag::timestamp) && right.is(Tag::timestamp)) {
        order = left.as_timestamp() <=> right.as_timestamp();
    } else {
        return false;
    }
    return true;
}

ErrorPtr contains_in_array(const ArrayObject& array, const Value& item, bool& result) {
    if (array.index) {
        const auto answer = array.index->contains(array.items, item);
        if (answer != MembershipIndex::Answer::search) {
            result = answer == MembershipIndex::Answer::yes;
            return nullptr;
        }
    }
    int budget = max_compared;
    for (const auto& element : array.items) {
        // An address range inside an array stands for its addresses (decisions.md, comparisons). It cannot be compared
        // to a text, so this comes first. Other objects are compared only: a@b.test is no list of its parts.
        if (element.is_host() && element.as_host().stands_for_members()) {
            std::string why;
            if (element.as_host().contains(item, why) == HostObject::Answer::yes) {
                result = true;
                return nullptr;
            }
            if (item.is_string()) continue;
        }
        if (auto error = equal_within(element, item, result, 0, budget)) return error;
        if (result) return nullptr;
    }
    result = false;
    return nullptr;
}

}  // namespace

ErrorPtr equal(const Value& left, const Value& right, bool& result) {
    int budget = max_compared;
    return equal_within(left, right, result, 0, budget);
}

ErrorPtr compare(Op op, const Value& left, const Value& right, Value& result) {
    if (op == Op::eq || op == Op::ne) {
        bool same = false;
        if (auto error = equal(left, right, same)) {
            if (error->kind == ErrorKind::function_not_found && left.tag() == right.tag())
                return not_found(op, left, right);
            return error;
        }
        result = Value::boolean(same == (op == Op::eq));
        return nullptr;
    }
    std::partial_ordering order = std::partial_ordering::unordered;
    if (!ordered(left, right, order)) {
        if (left.is_unit() || left.tag() != right.tag()) {
            result = Value::boolean(false);
            return nullptr;
        }
        return not_found(op, left, right);
    }
    const bool truth = op == Op::lt ? order < 0 : op == Op::le ? order <= 0 : op == Op::gt ? order > 0 : order >= 0;
    result = Value::boolean(truth);
    return nullptr;
}

ErrorPtr contains(const Value& container, const Value& item, bool& result) {
    const auto undefined = [&] {
        const Value args[] = {container, item};
        return function_not_found("contains", args, 2);
    };
    switch (container.tag()) {
        case Tag::array: return contains_in_array(container.as_array(), item, result);
        case Tag::short_string:
        case Tag::string:
            if (!item.is_string() && !item.is_char()) return undefined();
            result = find_text(container.as_string(), text_of(item)) != std::string_view::npos;
            return nullptr;
        case Tag::map: {
            std::string key;
            if (item.is_string())
                key = item.as_string();
            else if (item.is_host())
                key = item.as_host().text();
            else
                return undefined();
            result = container.as_map().find(key) != nullptr;
            return nullptr;
        }
        case Tag::range:
            if (!item.is_int()) return undefined();
            result = container.as_range().contains(item.as_int());
            return nullptr;
        case Tag::blob: {
            if (!item.is_int()) return undefined();
            const auto& bytes = container.as_blob().bytes;
            result = false;
            for (const auto byte : bytes) result = result || byte == item.as_int();
            return nullptr;
        }
        case Tag::host: {
            std::string why;
            const auto answer = container.as_host().contains(item, why);
            if (answer == HostObject::Answer::refused) return refused(why);
            if (answer == HostObject::Answer::undefined && !item.is_host()) return undefined();
            result = answer == HostObject::Answer::yes;
            return nullptr;
        }
        default: return undefined();
    }
}

bool matches(const Value& value, const Value& label) noexcept {
    if (value.is_string() && label.is_string()) return value.as_string() == label.as_string();
    if (value.tag() != label.tag()) return false;
    switch (value.tag()) {
        case Tag::floating: return value.as_float() == label.as_float();
        case Tag::range: return equal_ranges(value.as_range(), label.as_range());
        case Tag::array: {
            const auto& a = value.as_array().items;
            const auto& b = label.as_array().items;
            if (a.size() != b.size()) return false;
            for (std::size_t i = 0; i < a.size(); ++i)
                if (!matches(a[i], b[i])) return false;
            return true;
        }
        case Tag::map: {
            if (value.as_map().size() != label.as_map().size()) return false;
            for (const auto& entry : label.as_map().entries()) {
                const auto* other = value.as_map().find(entry.key);
                if (!other || !matches(*other, entry.value)) return false;
            }
            return true;
        }
        case Tag::unit:
        case Tag::boolean:
        case Tag::integer:
        case Tag::character: return value.same_bits(label);
        default: return false;
    }
}

}  // namespace sluice::dsl
