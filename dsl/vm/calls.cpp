// Who is called, and how arguments get there (vsl-language.md sections 10 and 11).
#include <fmt/format.h>

#include "dsl/vm/vm.hpp"
#include "grammar/vsl/words.hpp"

namespace sluice::dsl::vm {

ErrorPtr Vm::run_native(const Native& native, std::uint32_t base, std::uint32_t first, std::uint32_t return_to,
                        Next& next, Value* instead) {
    return finish_native(start_native(native, first, native_result_), native, base, first, return_to, next, instead);
}

ErrorPtr Vm::finish_native(Outcome outcome, const Native& native, std::uint32_t base, std::uint32_t first,
                           std::uint32_t return_to, Next& next, Value* instead) {
    Value& result = native_result_;
    next = Next::here;
    switch (outcome) {
        case Outcome::done:
            if (counts_nested_) {
                if (auto error = check_nested(result)) return error;
                if (native.flags & mutates)
                    if (auto error = check_nested(stack_[first])) return error;
            }
            if (instead)
                *instead = std::move(result);
            else if (frames_.empty())
                result_ = std::move(result);
            else if (!frames_.back().function)
                top_task().promise().request->result = std::move(result);
            else if (return_to != discard)
                stack_[return_to] = std::move(result);
            return nullptr;
        case Outcome::error: return std::move(native_.error);
        case Outcome::pending:
            next = Next::suspended;
            pending_to_ = return_to;
            return nullptr;
        case Outcome::task: break;
    }
    // The task's callbacks use the registers after those of the frame that started it.
    auto above = base + native.count + 1u;
    if (!frames_.empty() && frames_.back().function)
        above = std::max(above, frames_.back().base + frames_.back().function->registers);
    if (!frames_.push(nullptr, nullptr, above, return_to)) {
        native_.task = Task();
        return too_deep();
    }
    tasks_.push_back({std::move(native_.task), first});
    next = Next::frame;
    return nullptr;
}

ErrorPtr Vm::call_native(const NativeGroup& group, std::uint32_t base, std::uint32_t first, std::uint32_t return_to,
                         Next& next) {
    reserve(first + group.count + 4u);
    const auto* native = group.select(&stack_[first]);
    if (!native) return function_not_found(group.name, &stack_[first], group.count);
    auto error = run_native(*native, base, first, return_to, next);
    // The receiver stays: it may have changed, and who called may want it back.
    drop(first + (first == base), first + group.count);
    return error;
}

// A function pointer with `count` arguments from base + 1 on; the receiver, if any, at base.
ErrorPtr Vm::invoke(Value fn, std::uint32_t base, std::uint32_t count, bool with_self, std::uint32_t return_to,
                    Next& next) {
    auto& pointer = fn.as_fn();
    const auto curried = static_cast<std::uint32_t>(pointer.curried.size());
    const auto total = count + curried;
    reserve(base + total + 8);
    if (curried != 0) {
        for (auto i = count; i > 0; --i) stack_[base + i + curried] = std::move(stack_[base + i]);
        for (std::uint32_t i = 0; i < curried; ++i) stack_[base + 1 + i] = pointer.curried[i];
    }
    const auto* unit = static_cast<const code::Unit*>(pointer.unit);
    const auto* function = pointer.function ? pointer.function
                           : unit           ? unit->find(pointer.name.as_string(), total)
                                            : nullptr;
    if (function) {
        if (function->params != total)
            return function_not_found(pointer.anonymous ? "anonymous function" : function->name, &stack_[base + 1],
                                      total);
        if (auto error = push_frame(*function, base, return_to)) return error;
        auto& frame = frames_.back();
        if (with_self)
            frame.this_bound = true;
        else
            stack_[base] = Value();
        if (pointer.function) frame.closure = std::move(fn);
        next = Next::frame;
        return nullptr;
    }
    const auto first = with_self ? base : base + 1;
    const auto* group = program_.natives->find(pointer.name.as_string(), with_self ? total + 1 : total);
    if (!group) return function_not_found(pointer.name.as_string(), &stack_[first], with_self ? total + 1 : total);
    return call_native(*group, base, first, return_to, next);
}

ErrorPtr Vm::curry(std::uint32_t base, std::uint32_t count, std::uint32_t return_to) {
    const auto& old = stack_[base].as_fn();
    auto value = make_object<FnObject>();
    auto& copy = value.as_fn();
    copy.function = old.function;
    copy.unit = old.unit;
    copy.name = old.name;
    copy.curried = old.curried;
    copy.captures = old.captures;
    copy.params = old.params;
    copy.anonymous = old.anonymous;
    for (std::uint32_t i = 0; i < count; ++i) copy.curried.push_back(std::move(stack_[base + 1 + i]));
    if (copy.curried.size() > 250) return too_large("Number of curried arguments");
    stack_[return_to] = std::move(value);
    stack_[base] = Value();
    return nullptr;
}

// f.call(args), x.call(f, args), f.curry(args)
ErrorPtr Vm::call_special(const code::MethodSite& site, std::uint32_t base, std::uint32_t return_to, Next& next,
                          bool& settled) {
    using Special = code::MethodSite::Special;
    settled = stack_[base].is_fn();  // a pointer is not changed by calling it
    if (site.special == Special::curry && stack_[base].is_fn()) return curry(base, site.count, return_to);
    if (site.special == Special::call && stack_[base].is_fn()) {
        Value fn = std::move(stack_[base]);
        return invoke(std::move(fn), base, site.count, false, return_to, next);
    }
    if (site.special == Special::call && site.count > 0 && stack_[base + 1].is_fn()) {
        Value fn = std::move(stack_[base + 1]);
        for (std::uint32_t i = 1; i < site.count; ++i) stack_[base + i] = std::move(stack_[base + i + 1]);
        auto error = invoke(std::move(fn), base, site.count - 1u, true, return_to, next);
        if (!error && next == Next::frame && frames_.back().function) frames_.back().this_constant = site.constant;
        return error;
    }
    return function_not_found(site.name.as_string(), &stack_[base], site.count + 1u);
}

// receiver.name(args): a function in the map, a script function with `this`, a native function, in this order.
// `settled`: the receiver is where it belongs already, write_back has nothing to do.
ErrorPtr Vm::call_method(const code::MethodSite& site, std::uint32_t base, std::uint32_t return_to, Next& next,
                         bool& settled) {
    settled = false;
    this_unchanged_ = false;
    next = Next::here;
    Value* place = nullptr;
    if (site.path != code::none) {
        Found found = Found::place;
        const auto& path = frames_.back().function->paths[site.path];
        if (auto error = walk(path, path.steps.size(), false, place, found)) return error;
        if (found == Found::skipped) {
            stack_[return_to] = Value();
            settled = true;
            return nullptr;
        }
    }
    const Value& receiver = place ? *place : stack_[base];
    if (receiver.is_map()) {
        if (const auto* entry = receiver.as_map().find(site.name); entry && entry->is_fn()) {
            Value fn = *entry;
            if (place) stack_[base] = *place;
            auto error = invoke(std::move(fn), base, site.count, true, return_to, next);
            if (!error && next == Next::frame && frames_.back().function) frames_.back().this_constant = site.constant;
            return error;
        }
    }
    if (site.special != code::MethodSite::Special::no) {
        if (place) stack_[base] = *place;
        return call_special(site, base, return_to, next, settled);
    }
    if (site.function != code::none) {
        if (place) stack_[base] = *place;
        const auto& function = *frames_.back().function->unit->functions[site.function];
        if (auto error = push_frame(function, base, return_to)) return error;
        frames_.back().this_bound = true;
        frames_.back().this_constant = site.constant;
        next = Next::frame;
        return nullptr;
    }
    if (place && (!site.native || !(site.native->flags & mutates) || this_is_constant(site))) stack_[base] = *place;
    return call_native_method(site, base, return_to, next, settled);
}

bool Vm::this_is_constant(const code::MethodSite& site) const {
    const auto& frame = frames_.back();
    return frame.this_constant && site.path != code::none &&
           frame.function->paths[site.path].root == code::Path::Root::this_;
}

ErrorPtr Vm::call_native_method(const code::MethodSite& site, std::uint32_t base, std::uint32_t return_to, Next& next,
                                bool& settled) {
    const bool changes = site.native && (site.native->flags & mutates);
    if (!site.native) return function_not_found(site.name.as_string(), &stack_[base], site.count + 1u);
    const bool constant_this = this_is_constant(site);
    if (site.path == code::none || !changes || constant_this) {
        const auto* native = site.native->select(&stack_[base]);
        if (!native) return function_not_found(site.name.as_string(), &stack_[base], site.count + 1u);
        if ((site.constant || constant_this) && (native->flags & mutates)) {
            auto error = make_error(ErrorKind::non_pure_method_call_on_constant,
                                    fmt::format("'{}' changes its receiver, but '{}' is a constant",
                                                site.name.as_string(), constant_this ? "this" : site.constant_name));
            error->subject = site.name.as_string();
            return error;
        }
        settled = true;
        auto error = run_native(*native, base, base, return_to, next);
        drop(base, base + site.count + 1u);
        return error;
    }
    // The receiver is moved into the window and back, so that it stays exclusively ours and is changed in place.
    Value* place = nullptr;
    Found found = Found::place;
    const auto& path = frames_.back().function->paths[site.path];
    if (auto error = walk(path, path.steps.size(), true, place, found)) return error;
    stack_[base] = std::move(*place);
    const auto* native = site.native->select(&stack_[base]);
    if (!native) {
        auto error = function_not_found(site.name.as_string(), &stack_[base], site.count + 1u);
        *place = std::move(stack_[base]);
        return error;
    }
    Value result;  // stored last: the result may go where the receiver is
    auto error = run_native(*native, base, base, return_to, next, &result);
    if (next == Next::frame) {
        *place = stack_[base];  // a task hands over the new receiver when it ends
    } else {
        *place = std::move(stack_[base]);
        settled = true;
        if (!error && next == Next::here) stack_[return_to] = std::move(result);
    }
    drop(base + 1, base + site.count + 1u);
    return error;
}

ErrorPtr Vm::call_member(const Value& module, std::string_view name, std::uint32_t base, std::uint32_t count,
                         std::uint32_t return_to) {
    const auto* unit = unit_of(module);
    const auto* function = unit ? unit->find(name, count) : nullptr;
    if (!function || function->is_private) return function_not_found(name, &stack_[base + 1], count);
    stack_[base] = Value();
    return push_frame(*function, base, return_to);
}

// The top frame is a task: start the callback it asks for, or hand over what it returns.
ErrorPtr Vm::task_requested(Next& next) {
    for (;;) {
        auto& frame = frames_.back();
        auto& promise = top_task().promise();
        if (auto* request = promise.request) {
            if (auto error = spend()) return error;
            if (!request->fn.is_fn()) return function_not_found("call", &request->fn, 1);
            const auto base = frame.base;
            reserve(base + 16);
            for (std::uint32_t i = 0; i < request->count; ++i) stack_[base + 1 + i] = std::move(request->args[i]);
            stack_[base] = std::move(request->self);
            if (auto error = invoke(request->fn, base, request->count, request->with_self, discard, next)) return error;
            if (next != Next::here) return nullptr;
            request->self = std::move(stack_[base]);
            top_task().resume();
            continue;
        }
        const auto finished = std::move(top_task());
        const auto receiver = tasks_.back().receiver;
        const auto return_to = frame.return_to;
        pop_frame();
        if (finished.promise().error) return std::move(finished.promise().error);
        if (counts_nested_) {
            if (auto error = check_nested(finished.promise().result)) return error;
            if (auto error = check_nested(finished.promise().self)) return error;
        }
        this_unchanged_ = !finished.promise().has_self;
        if (finished.promise().has_self) stack_[receiver] = std::move(finished.promise().self);
        auto& value = finished.promise().result;
        next = Next::frame;
        if (frames_.empty()) {
            result_ = std::move(value);
            return nullptr;
        }
        if (frames_.back().function) {
            if (return_to != discard) stack_[return_to] = std::move(value);
            return nullptr;
        }
        top_task().promise().request->result = std::move(value);
        top_task().resume();
    }
}

ErrorPtr Vm::function_by_name(const Value& name, Value& result) {
    if (!name.is_string()) return function_not_found("Fn", &name, 1);
    const auto text = name.as_string();
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    std::size_t first = 0;
    while (first < text.size() && text[first] == '_') ++first;
    bool sound = first < text.size() && letter(text[first]);
    for (const char c : text) sound = sound && (letter(c) || c == '_' || (c >= '0' && c <= '9'));
    if (!sound) return make_error(ErrorKind::function_not_found, fmt::format("'{}' is not a name of a function", text));
    if (!grammar::vsl::can_name_function(text))
        return make_error(ErrorKind::parsing, fmt::format("'{}' is a reserved word", text));
    auto value = make_object<FnObject>();
    value.as_fn().name = name;
    const auto* unit = frames_.back().function->unit;
    value.as_fn().unit = unit;
    if (const auto* only = unit->only(text)) value.as_fn().params = only->params;
    result = std::move(value);
    return nullptr;
}

// vsl-rules.md 3.1 and 3.2: a rule is a map with name, type, evaluate and, for a delegation, service.
ErrorPtr Vm::make_directive(std::uint8_t kind, Value& body, const Value& service, const Value& name, Value& result) {
    static constexpr std::string_view types[] = {"rule", "action", "delegate"};
    static constexpr std::string_view articles[] = {"a rule", "an action", "a delegation"};
    static constexpr std::string_view nouns[] = {"rule", "action", "delegation"};
    Value map = make_map();
    if (body.is_fn()) {
        map.as_map().set("evaluate", std::move(body));
    } else if (body.is_map()) {
        const auto* evaluate = body.as_map().find("evaluate");
        if (!evaluate || !evaluate->is_fn())
            return make_thrown(Value::string(
                fmt::format("'evaluate' function is missing from '{}' {}", name.as_string(), nouns[kind])));
        map = std::move(body);
    } else {
        return make_thrown(Value::string(fmt::format(
            "{} must be a rhai::Map (#{{}}) or an anonymous function (|| {{}}), as in {} \"{}\" || {{ ... }}",
            articles[kind], types[kind], name.as_string())));
    }
    auto& entries = map.own_map();
    if (!entries.find("name")) entries.set("name", name);
    if (!entries.find("type")) entries.set("type", Value::string(types[kind]));
    if (kind == 2) entries.set("service", service);
    result = std::move(map);
    return nullptr;
}

}  // namespace sluice::dsl::vm
