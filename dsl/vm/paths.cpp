// Places in memory: assignment targets and receivers of mutating methods (vsl-language.md section 12). Nothing of the
// script runs while a path is walked, so the pointers stay good.
#include <fmt/format.h>

#include "dsl/vm/vm.hpp"

namespace sluice::dsl::vm {

using code::Path;

namespace {

ErrorPtr no_property(const Value& base, std::string_view name) {
    auto error = make_error(ErrorKind::dot_expr,
                            fmt::format("Unknown property '{}' of a value of type {}", name, type_name(base)));
    error->subject = name;
    return error;
}

ErrorPtr constant(std::string_view name) {
    auto error = make_error(ErrorKind::assignment_to_constant, fmt::format("Cannot assign to constant '{}'", name));
    error->subject = name;
    return error;
}

}  // namespace

const Value& Vm::key(const Path::Step& step) const {
    const auto& frame = frames_.back();
    return step.key_const ? frame.function->constants[step.key] : stack_[frame.base + step.key];
}

ErrorPtr Vm::path_root(const Path& path, bool change, Value*& root) {
    auto& frame = frames_.back();
    switch (path.root) {
        case Path::Root::local: root = &stack_[frame.base + path.index]; return nullptr;
        case Path::Root::cell: {
            auto& cell = stack_[frame.base + path.index];
            if (!cell.is(Tag::cell)) return make_error(ErrorKind::terminated, "the bytecode is damaged");
            if (change && cell.object()->frozen()) return constant("a captured variable of the load phase");
            root = &cell.as_cell().value;
            return nullptr;
        }
        case Path::Root::capture: {
            auto& capture = frame.closure.as_fn().captures[path.index];
            const bool shared =
                frame.closure.object()->frozen() || (capture.is(Tag::cell) && capture.object()->frozen());
            if (change && shared)
                return constant(frame.function->anonymous ? frame.function->capture_names[path.index]
                                                          : "captured variable");
            root = capture.is(Tag::cell) ? &capture.as_cell().value : &capture;
            return nullptr;
        }
        case Path::Root::this_:
            if (!frame.this_bound) return make_error(ErrorKind::unbound_this, "'this' is not bound to a value here");
            if (change && frame.this_constant) return constant("this");
            if (change) frame.this_changed = true;
            root = &stack_[frame.base];
            return nullptr;
    }
    return nullptr;
}

// One step further; `place` may become scratch_ where the element is computed.
ErrorPtr Vm::step(const Path::Step& step, bool change, Value*& place) {
    const Value& at = key(step);
    if (step.property && !place->is_map()) {
        Value value;
        code::PropertySite site;
        site.name = at;
        const auto* native = program_.natives->find(at.as_string(), 1);
        if (native && (native->flags & property)) site.native = native;
        if (auto error = get_property(site, *place, value)) return error;
        scratch_ = std::move(value);
        place = &scratch_;
        return nullptr;
    }
    if (change || place->is_array() || place->is_map()) {
        if (place->is_map() && !change) {
            if (!at.is_string()) return mismatch("string", at, "Key of an object map");
            place = const_cast<Value*>(place->as_map().find(at));
        } else if (place->is_array() && !change) {
            auto& items = place->as_array().items;
            const auto n = static_cast<std::int64_t>(items.size());
            const auto i = at.is_int() ? (at.as_int() < 0 ? at.as_int() + n : at.as_int()) : -1;
            if (i < 0 || i >= n) return get_index(*place, at, scratch_);  // for its error
            place = &items[static_cast<std::size_t>(i)];
        } else {
            Value* element_place = nullptr;
            if (auto error = element(*place, at, false, element_place)) return error;
            if (!element_place && !place->is_map()) {
                Value value;
                if (auto error = get_index(*place, at, value)) return error;
                scratch_ = std::move(value);
                element_place = &scratch_;
            }
            place = element_place;
        }
        if (!place) {
            scratch_ = Value();
            place = &scratch_;
        }
        return nullptr;
    }
    Value value;
    if (auto error = get_index(*place, at, value)) return error;
    scratch_ = std::move(value);
    place = &scratch_;
    return nullptr;
}

ErrorPtr Vm::walk(const Path& path, std::size_t steps, bool change, Value*& place, Found& found) {
    found = Found::place;
    if (steps == 0 && path.root == Path::Root::local) {
        place = &stack_[frames_.back().base + path.index];
        return nullptr;
    }
    if (auto error = path_root(path, change, place)) return error;
    for (std::size_t i = 0; i < steps; ++i) {
        if (path.steps[i].null_safe && place->is_unit()) {
            found = Found::skipped;
            return nullptr;
        }
        if (auto error = step(path.steps[i], change, place)) return error;
    }
    return nullptr;
}

ErrorPtr Vm::set_capture(std::uint16_t index, const Value& value) {
    Path path;
    path.root = Path::Root::capture;
    path.index = index;
    return set_path(path, value);
}

ErrorPtr Vm::set_path(const Path& path, const Value& value) {
    Value* place = nullptr;
    Found found = Found::place;
    const auto depth = path.steps.empty() ? 0 : path.steps.size() - 1;
    if (auto error = walk(path, depth, true, place, found)) return error;
    if (found == Found::skipped) return nullptr;
    if (path.steps.empty()) {
        *place = value;
        return nullptr;
    }
    const auto& last = path.steps.back();
    if (last.null_safe && place->is_unit()) return nullptr;
    if (last.property && !place->is_map()) return no_property(*place, key(last).as_string());
    if (auto error = set_index(*place, key(last), value, limits_)) return error;
    return check_root(path);
}

// With small limits the whole variable is counted again, since its parts do not know of each other.
ErrorPtr Vm::check_root(const Path& path) {
    if (!counts_nested_) return nullptr;
    Value* root = nullptr;
    if (auto error = path_root(path, false, root)) return error;
    return check_nested(*root);
}

ErrorPtr Vm::update_path(const Path& path, Op op, const Value& value) {
    Value* place = nullptr;
    Found found = Found::place;
    const auto depth = path.steps.empty() ? 0 : path.steps.size() - 1;
    if (auto error = walk(path, depth, true, place, found)) return error;
    if (found == Found::skipped) return nullptr;
    if (path.steps.empty()) {
        if (auto error = compound(op, *place, value, limits_)) return error;
        return check_root(path);
    }
    const auto& last = path.steps.back();
    if (last.null_safe && place->is_unit()) return nullptr;
    if (last.property && !place->is_map()) return no_property(*place, key(last).as_string());
    if (place->is_array() || place->is_map()) {
        Value* leaf = nullptr;
        if (auto error = element(*place, key(last), false, leaf)) return error;
        if (leaf) {
            if (auto error = compound(op, *leaf, value, limits_)) return error;
            return check_root(path);
        }
        Value missing;
        if (auto error = compound(op, missing, value, limits_)) return error;
        return set_index(*place, key(last), missing, limits_);
    }
    Value leaf;
    if (auto error = get_index(*place, key(last), leaf)) return error;
    if (auto error = compound(op, leaf, value, limits_)) return error;
    return set_index(*place, key(last), leaf, limits_);
}

// After a call with `this`: the receiver becomes what the function left. If it never changed `this` the receiver stays
// as it is: a closure may have changed the variable itself. Unchanged bits mean an unchanged value.
ErrorPtr Vm::write_back(const Path& path, Value& value) {
    if (this_unchanged_) {
        value = Value();
        return nullptr;
    }
    Value* place = nullptr;
    Found found = Found::place;
    if (auto error = walk(path, path.steps.size(), false, place, found)) return error;
    if (found == Found::place && !place->same_bits(value)) {
        if (auto error = set_path(path, value)) return error;
    }
    value = Value();
    return nullptr;
}

ErrorPtr Vm::get_property(const code::PropertySite& site, const Value& base, Value& result) {
    if (base.is_map()) {
        const auto* found = base.as_map().find(site.name);
        result = found ? Value(*found) : Value();
        return nullptr;
    }
    if (base.is_host()) {
        std::string why;
        Value value;
        if (base.as_host().property(site.name.as_string(), value, why)) {
            if (!why.empty()) return make_thrown(Value::string(why));
            result = std::move(value);
            return nullptr;
        }
    }
    if (site.native) {
        Value receiver = base;
        if (const auto* native = site.native->select(&receiver); native && (native->flags & property)) {
            Value value;
            NativeCall call{
                &receiver, 1, &value, limits_, native_.host, native->data, native_.printer, native_.printer_context,
                nullptr,   {}};
            if (native->fn(call) != Outcome::done)
                return call.error ? std::move(call.error) : no_property(base, site.name.as_string());
            result = std::move(value);
            return nullptr;
        }
    }
    return no_property(base, site.name.as_string());
}

}  // namespace sluice::dsl::vm
