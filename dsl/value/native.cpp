#include "dsl/value/native.hpp"

#include <fmt/format.h>

#include "dsl/value/operations.hpp"

namespace sluice::dsl {

namespace {

std::string types_of(std::span<const Value> args) {
    std::string text;
    for (const auto& arg : args) text += (text.empty() ? "" : ", ") + std::string(type_name(arg));
    return text;
}

}  // namespace

std::optional<Value> evaluate_constant(const NativeGroup& group, std::span<Value> args, std::string& why) {
    const auto* native = group.select(args.data());
    if (!native) {
        why = fmt::format("'{}' does not take ({})", group.name, types_of(args));
        return std::nullopt;
    }
    if (!(native->flags & constant)) return std::nullopt;
    Value result;
    const Limits limits;
    NativeCall about{
        args.data(), static_cast<std::uint32_t>(args.size()), &result, limits, nullptr, native->data, nullptr, nullptr};
    const auto outcome = native->fn(about);
    if (outcome == Outcome::done) return result;
    if (outcome == Outcome::error) why = about.error->message;
    return std::nullopt;
}

void NativeTable::add(std::string_view name, std::initializer_list<TypeSet> types, NativeFn fn, std::uint8_t flags,
                      std::uint16_t data) {
    NativeGroup* group = nullptr;
    if (const auto it = index_.find(Key{name, types.size()}); it != index_.end()) {
        group = it->second;
    } else {
        groups_.push_back(std::make_unique<NativeGroup>());
        group = groups_.back().get();
        group->name = name;
        group->count = static_cast<std::uint8_t>(types.size());
        index_[Key{group->name, types.size()}] = group;
        for (auto at = group->name.find("::"); at != std::string::npos; at = group->name.find("::", at + 2))
            namespaces_[std::string_view(group->name).substr(0, at)] = true;
    }
    Native native;
    native.fn = fn;
    native.count = group->count;
    native.flags = flags;
    native.data = data;
    std::size_t i = 0;
    for (const auto set : types) native.types[i++] = set;
    group->overloads.push_back(native);
    group->flags |= flags;
}

void NativeTable::announce(std::string_view module, std::string_view meanwhile) {
    announced_[module] = meanwhile;
    namespaces_[module] = true;
}

std::string_view NativeTable::announced(std::string_view module) const noexcept {
    const auto found = announced_.find(module);
    return found == announced_.end() ? std::string_view() : found->second;
}

const NativeGroup* NativeTable::find(std::string_view name, std::size_t count) const noexcept {
    const auto it = index_.find(Key{name, count});
    return it == index_.end() ? nullptr : it->second;
}

bool NativeTable::known(std::string_view name) const noexcept {
    for (std::size_t count = 0; count <= Native::max_args; ++count)
        if (find(name, count)) return true;
    return false;
}

bool NativeTable::is_namespace(std::string_view name) const noexcept { return namespaces_.contains(name); }

std::vector<std::string_view> NativeTable::names() const {
    std::vector<std::string_view> all;
    for (const auto& group : groups_) all.push_back(group->name);
    return all;
}

int arity(const FnObject& fn) noexcept { return fn.params < 0 ? -1 : fn.params - static_cast<int>(fn.curried.size()); }

Task::Awaiter call_element(Value fn, Value element, std::int64_t index) {
    const auto wanted = arity(fn.as_fn());
    if (wanted == 0) {
        auto awaiter = call(std::move(fn));
        awaiter.callback.with_self = true;
        awaiter.callback.self = std::move(element);
        return awaiter;
    }
    if (wanted == 2) return call(std::move(fn), std::move(element), Value::integer(index));
    return call(std::move(fn), std::move(element));
}

}  // namespace sluice::dsl
