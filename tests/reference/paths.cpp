// Sections 10 and 12: indexing, properties, methods, assignment targets.
#include "tests/reference/evaluator.hpp"

namespace sluice::reference {

using ast::as;
using ast::Kind;

namespace {

[[noreturn]] void out_of_bounds(const char* kind, Int index, std::size_t length) {
    throw ScriptError{kind, {}, "", true, index, static_cast<Int>(length)};
}

std::size_t element(const char* kind, Int index, std::size_t size) {
    const auto at = position(index, size);
    if (!at) out_of_bounds(kind, index, size);
    return *at;
}

void need_int(const Value& key) {
    if (!key.is<Int>()) fail("ErrorMismatchDataType");
}

struct Bits {
    unsigned start;
    unsigned count;
};
Bits bits_of(const Range& range) {
    if (range.start < 0 || range.start >= 64) out_of_bounds("ErrorBitFieldBounds", range.start, 64);
    Int count = 0;
    const auto end = static_cast<__int128>(range.end) + (range.inclusive ? 1 : 0);
    if (end > range.start) count = static_cast<Int>(std::min<__int128>(end, 64)) - range.start;
    return {static_cast<unsigned>(range.start), static_cast<unsigned>(count)};
}

std::uint64_t mask(unsigned count) { return count >= 64 ? ~0ull : (1ull << count) - 1; }

[[noreturn]] void no_indexer(const Value& container, const Value& key) {
    fail("ErrorIndexingType", type_name(container) + " [" + type_name(key) + "]");
}

}  // namespace

std::optional<std::size_t> position(Int index, std::size_t size) {
    const auto n = static_cast<Int>(size);
    if (index < 0) index += n;
    if (index < 0 || index >= n) return std::nullopt;
    return static_cast<std::size_t>(index);
}

Value get_index(const Value& container, const Value& key) {
    if (container.is<Array>()) {
        need_int(key);
        return container.as<Array>()[element("ErrorArrayBounds", key.as<Int>(), container.as<Array>().size())];
    }
    if (container.is<Map>()) {
        if (!key.is<std::string>()) fail("ErrorMismatchDataType");
        const auto found = container.as<Map>().find(key.as<std::string>());
        return found == container.as<Map>().end() ? unit() : found->second;
    }
    if (container.is<std::string>()) {
        need_int(key);
        const auto text = decode(container.as<std::string>());
        return character(text[element("ErrorStringBounds", key.as<Int>(), text.size())]);
    }
    if (container.is<Blob>()) {
        need_int(key);
        const auto& bytes = container.as<Blob>().bytes;
        return integer(bytes[element("ErrorArrayBounds", key.as<Int>(), bytes.size())]);
    }
    if (container.is<Int>()) {
        const auto number = static_cast<std::uint64_t>(container.as<Int>());
        if (key.is<Range>()) {
            const auto bits = bits_of(key.as<Range>());
            return integer(bits.count == 0 ? 0 : static_cast<Int>(number >> bits.start & mask(bits.count)));
        }
        need_int(key);
        return boolean((number >> element("ErrorBitFieldBounds", key.as<Int>(), 64) & 1) != 0);
    }
    no_indexer(container, key);
}

void set_index(Value& container, const Value& key, const Value& value) {
    if (container.is<Array>()) {
        need_int(key);
        auto& items = container.as<Array>();
        items[element("ErrorArrayBounds", key.as<Int>(), items.size())] = value;
    } else if (container.is<Map>()) {
        if (!key.is<std::string>()) fail("ErrorMismatchDataType");
        container.as<Map>()[key.as<std::string>()] = value;
    } else if (container.is<std::string>()) {
        need_int(key);
        if (!value.is<char32_t>()) fail("ErrorMismatchDataType");
        auto text = decode(container.as<std::string>());
        text[element("ErrorStringBounds", key.as<Int>(), text.size())] = value.as<char32_t>();
        container = string(encode(text));
    } else if (container.is<Blob>()) {
        need_int(key);
        if (!value.is<Int>()) fail("ErrorMismatchDataType");
        auto& bytes = container.as<Blob>().bytes;
        bytes[element("ErrorArrayBounds", key.as<Int>(), bytes.size())] = static_cast<std::uint8_t>(value.as<Int>());
    } else if (container.is<Int>()) {
        auto number = static_cast<std::uint64_t>(container.as<Int>());
        if (key.is<Range>()) {
            if (!value.is<Int>()) fail("ErrorMismatchDataType");
            const auto bits = bits_of(key.as<Range>());
            if (bits.count == 0) return;
            number &= ~(mask(bits.count) << bits.start);
            number |= (static_cast<std::uint64_t>(value.as<Int>()) & mask(bits.count)) << bits.start;
        } else {
            need_int(key);
            if (!value.is<bool>()) fail("ErrorMismatchDataType");
            const auto bit = element("ErrorBitFieldBounds", key.as<Int>(), 64);
            number = value.as<bool>() ? number | 1ull << bit : number & ~(1ull << bit);
        }
        container = integer(static_cast<Int>(number));
    } else {
        no_indexer(container, key);
    }
}

Value Evaluator::property(const Value& base, const std::string& name) {
    if (base.is<Map>()) {
        static const std::set<std::string> unforeseen{"message", "line", "position", "source", "requested", "actual"};
        if (base.as<Map>().contains("error") &&
            (unforeseen.contains(name) || (name == "function" && base.as<Map>().contains("cause"))))
            throw GaveUp("messages and positions");
        return get_index(base, string(name));
    }
    if (!library_property(name, base)) fail("ErrorDotExpr", name);
    Value receiver = base;
    Array none;
    auto found = call_library(*this, name, &receiver, none, false);
    if (!found) fail("ErrorDotExpr", name);
    return std::move(found->value);
}

// --- walking a path

std::optional<Value> Evaluator::read(const Value& base, std::span<const Step> steps) {
    Value value = base;
    copied(value);
    for (const auto& step : steps) {
        if (step.null_safe && value.is<Unit>()) return std::nullopt;
        value = step.property ? property(value, step.key.as<std::string>()) : get_index(value, step.key);
    }
    return value;
}

// The same with each key evaluated when its turn comes.
std::optional<Value> Evaluator::read_along(Value value, const std::vector<const ast::Node*>& nodes) {
    for (const auto* node : nodes) {
        const bool safe =
            node->kind == Kind::property ? as<ast::Property>(*node).null_safe : as<ast::Index>(*node).null_safe;
        if (safe && value.is<Unit>()) return std::nullopt;
        value = node->kind == Kind::property ? property(value, std::string(as<ast::Property>(*node).name))
                                             : get_index(value, eval(*as<ast::Index>(*node).key));
    }
    return value;
}

// Applies a change to what the steps lead to. False: skipped by `?.`. `assign`: a missing key of a map is made.
bool Evaluator::change(Value& base, std::span<const Step> steps, bool assign, const Change& apply) {
    if (steps.empty()) {
        apply(base);
        return true;
    }
    const auto& step = steps.front();
    const auto rest = steps.subspan(1);
    if (step.null_safe && base.is<Unit>()) return false;
    if (base.is<Map>()) {
        if (!step.key.is<std::string>()) fail("ErrorMismatchDataType");
        auto& entries = base.as<Map>();
        const auto found = entries.find(step.key.as<std::string>());
        if (found != entries.end()) return change(found->second, rest, assign, apply);
        Value missing;
        const bool done = change(missing, rest, assign, apply);
        if (rest.empty() && assign) {
            entries[step.key.as<std::string>()] = std::move(missing);
            check_map(entries.size());
        }
        return done;
    }
    if (step.property) {
        if (rest.empty() && assign) fail("ErrorDotExpr", step.key.as<std::string>());  // nothing else has setters
        Value temporary = property(base, step.key.as<std::string>());
        return change(temporary, rest, assign, apply);
    }
    if (base.is<Array>()) {
        need_int(step.key);
        auto& items = base.as<Array>();
        return change(items[element("ErrorArrayBounds", step.key.as<Int>(), items.size())], rest, assign, apply);
    }
    Value part = get_index(base, step.key);
    const bool done = change(part, rest, assign, apply);
    if (rest.empty() && assign) set_index(base, step.key, part);
    return done;
}

bool Evaluator::change_root(const Root& root, std::span<const Step> steps, bool assign, const Change& apply) {
    if (root.cell) return change(root.cell->value, steps, assign, apply);
    if (!frame_->self) fail("ErrorUnboundThis");
    if (frame_->self_constant) fail("ErrorAssignmentToConstant", "this");
    const bool done = change(*frame_->self, steps, assign, apply);
    if (done && frame_->self_changed) *frame_->self_changed = true;
    return done;
}

// `this` or a variable; nullopt for everything else and for unknown names.
std::optional<Evaluator::Root> Evaluator::root_of(const ast::Node& node, bool& constant, std::string& constant_name) {
    constant = false;
    if (node.kind == Kind::this_) return Root{};
    if (node.kind != Kind::name) return std::nullopt;
    const auto cell = find(as<ast::Name>(node).name);
    if (!cell) return std::nullopt;
    constant = cell->constant;
    constant_name = as<ast::Name>(node).name;
    return Root{cell.get()};
}

std::vector<Evaluator::Step> Evaluator::steps_of(const std::vector<const ast::Node*>& nodes) {
    std::vector<Step> steps;
    for (const auto* node : nodes) {
        if (node->kind == Kind::property)
            steps.push_back(
                {true, as<ast::Property>(*node).null_safe, string(std::string(as<ast::Property>(*node).name))});
        else
            steps.push_back({false, as<ast::Index>(*node).null_safe, eval(*as<ast::Index>(*node).key)});
    }
    return steps;
}

namespace {

const ast::Node* base_of(const ast::Node& node) {
    switch (node.kind) {
        case Kind::index: return as<ast::Index>(node).base;
        case Kind::property: return as<ast::Property>(node).base;
        case Kind::method: return as<ast::Method>(node).base;
        default: return nullptr;
    }
}

// The suffixes of a chain from left to right, and what they hang on.
std::vector<const ast::Node*> suffixes(const ast::Node& node, const ast::Node*& root) {
    std::vector<const ast::Node*> steps;
    root = &node;
    while (const auto* base = base_of(*root)) {
        steps.insert(steps.begin(), root);
        root = base;
    }
    return steps;
}

bool null_safe(const ast::Node& node) {
    switch (node.kind) {
        case Kind::index: return as<ast::Index>(node).null_safe;
        case Kind::property: return as<ast::Property>(node).null_safe;
        default: return as<ast::Method>(node).null_safe;
    }
}

}  // namespace

void Evaluator::assign_path(const ast::Assign& node, const Value& value) {
    const ast::Node* root_node = nullptr;
    const auto nodes = suffixes(*node.target, root_node);
    bool constant = false;
    std::string constant_name;
    const auto root = root_of(*root_node, constant, constant_name);
    if (!root) {
        if (root_node->kind == Kind::name && !is_function(as<ast::Name>(*root_node).name))
            fail("ErrorVariableNotFound", std::string(as<ast::Name>(*root_node).name));
        throw GaveUp("assignment to a module or function");
    }
    if (constant) fail("ErrorAssignmentToConstant", constant_name);
    const auto steps = steps_of(nodes);
    if (node.op == ast::AssignOp::set) {
        if (steps.empty()) {
            change_root(*root, steps, true, [&](Value& place) { place = value; });
            return;
        }
        // The last step stores without reading first.
        change_root(*root, std::span(steps).first(steps.size() - 1), false, [&](Value& base) {
            const auto& last = steps.back();
            if (last.null_safe && base.is<Unit>()) return;
            if (last.property && !base.is<Map>()) fail("ErrorDotExpr", last.key.as<std::string>());
            set_index(base, last.key, value);
            if (base.is<Map>()) check_map(base.as<Map>().size());
        });
        return;
    }
    change_root(*root, steps, true, [&](Value& place) { compound(node.op, place, value); });
}

// --- chains

// Up to the first method call a chain that starts at a variable is a place in memory. Its indices are evaluated, then
// the call's arguments, then the variable is read and walked (as the machine does; section 13 allows any order but
// asks for the variable to be read last).
Value Evaluator::chain(const ast::Node& node) {
    const ast::Node* root_node = nullptr;
    const auto nodes = suffixes(node, root_node);
    std::size_t first_method = 0;
    while (first_method < nodes.size() && nodes[first_method]->kind != Kind::method) ++first_method;
    bool constant = false;
    std::string constant_name;
    const auto root = first_method < nodes.size() ? root_of(*root_node, constant, constant_name) : std::nullopt;
    Value value;
    std::size_t done = 0;
    if (root) {
        const auto& call = as<ast::Method>(*nodes[first_method]);
        if (nodes.size() == 1 && call.name == "is_shared" && call.args.empty() && root->cell)
            return boolean(root->cell->shared);
        const std::vector<const ast::Node*> before(nodes.begin(),
                                                   nodes.begin() + static_cast<std::ptrdiff_t>(first_method));
        const auto steps = constant ? std::vector<Step>{} : steps_of(before);
        bool may_skip = call.null_safe;
        for (const auto& step : steps) may_skip = may_skip || step.null_safe;
        Value receiver;
        if (constant || may_skip) {
            auto found =
                constant ? read_along(root->cell->value, before) : read(root->cell ? root->cell->value : self(), steps);
            if (!found || (call.null_safe && found->is<Unit>())) return unit();
            receiver = std::move(*found);
        }
        auto args = arguments(call.args);
        value = method(call, constant ? nullptr : &*root, steps, receiver, std::move(args), constant, constant_name);
        done = first_method + 1;
    } else {
        value = eval(*root_node);
    }
    for (; done < nodes.size(); ++done) {
        const auto& step = *nodes[done];
        if (null_safe(step) && value.is<Unit>()) return unit();
        if (step.kind == Kind::property) {
            value = property(value, std::string(as<ast::Property>(step).name));
        } else if (step.kind == Kind::index) {
            const Value key = eval(*as<ast::Index>(step).key);
            value = get_index(value, key);
        } else {
            auto args = arguments(as<ast::Method>(step).args);
            value = method(as<ast::Method>(step), nullptr, {}, value, std::move(args), false, "");
        }
    }
    return value;
}

// With a root the receiver is the place that the steps lead to, else the value given.
Value Evaluator::method(const ast::Method& node, const Root* root, std::span<const Step> steps, const Value& receiver,
                        Array args, bool constant, const std::string& constant_name) {
    Value self_copy = receiver;
    if (root) {
        auto found = read(root->cell ? root->cell->value : self(), steps);
        if (!found) return unit();
        self_copy = std::move(*found);
    }
    const std::string name(node.name);
    bool changed = false;
    bool native_mutates = false;
    const auto keep = [&] {
        if (!changed || !root) return;
        change_root(*root, steps, false, [&](Value& place) { place = self_copy; });
    };
    // A library function sees that `this` is a constant; a script function finds out when it changes it.
    const bool for_library = constant || (root && !root->cell && frame_->self_constant);
    (void)constant_name;
    Value result;
    try {
        result = method_on_value(name, self_copy, args, constant, for_library, changed, native_mutates);
    } catch (ScriptError&) {
        // What a function did to `this` before it failed stays done; a library function that fails did nothing.
        if (!native_mutates) keep();
        throw;
    }
    keep();
    return result;
}

// A function in the map, call and curry, a script function with `this`, the library, in this order.
Value Evaluator::method_on_value(const std::string& name, Value& receiver, Array& args, bool constant, bool for_library,
                                 bool& changed, bool& native_mutates) {
    if (receiver.is<Map>()) {
        const auto found = receiver.as<Map>().find(name);
        if (found != receiver.as<Map>().end() && found->second.is<FnPtr>()) {
            const auto fn = found->second.as<FnPtr>();  // stays while it runs, whatever becomes of the map
            return call_pointer(*fn, std::move(args), &receiver, &changed, constant);
        }
    }
    if (name == "call" && receiver.is<FnPtr>()) {
        const auto fn = receiver.as<FnPtr>();
        return call_pointer(*fn, std::move(args), nullptr, nullptr, false);
    }
    if (name == "call" && !args.empty() && args.front().is<FnPtr>()) {
        const auto fn = args.front().as<FnPtr>();
        args.erase(args.begin());
        return call_pointer(*fn, std::move(args), &receiver, &changed, constant);
    }
    if (name == "curry" && receiver.is<FnPtr>()) {
        auto copy = std::make_shared<Fn>(*receiver.as<FnPtr>());
        copy->curried.insert(copy->curried.end(), args.begin(), args.end());
        return {FnPtr(std::move(copy))};
    }
    if (const auto* target = function(name, args.size()); target && name != "call" && name != "curry")
        return run_function(target->params, *target->body, {}, std::move(args), &receiver, &changed, constant);
    std::string types = type_name(receiver);
    for (const auto& arg : args) types += ", " + type_name(arg);
    native_mutates = library_mutates(name, args.size() + 1);
    auto found = call_library(*this, name, &receiver, args, for_library);
    if (!found) fail("ErrorFunctionNotFound", name + " (" + types + ")");
    changed = found->mutates;
    return std::move(found->value);
}

}  // namespace sluice::reference
