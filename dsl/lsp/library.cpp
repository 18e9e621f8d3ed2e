#include "dsl/lsp/library.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "dsl/host/host.hpp"

namespace sluice::dsl::lsp {

namespace {

struct TypeText {
    TypeSet set;
    std::string_view text;
};
constexpr TypeText type_texts[] = {
    {accepts::unit, "()"},      {accepts::boolean, "bool"},   {accepts::integer, "i64"},
    {accepts::floating, "f64"}, {accepts::character, "char"}, {accepts::string, "string"},
    {accepts::array, "array"},  {accepts::map, "map"},        {accepts::blob, "blob"},
    {accepts::range, "range"},  {accepts::fn, "Fn"},          {accepts::timestamp, "timestamp"},
    {accepts::host, "object"},
};

std::string text_of(TypeSet set) {
    TypeSet all = 0;
    std::string text;
    for (const auto& type : type_texts) {
        all |= type.set;
        if (set & type.set) text += (text.empty() ? "" : " | ") + std::string(type.text);
    }
    return (set & all) == all ? "any" : text;
}

// Results that the table of natives does not tell; those of the server stand in functions.def.
std::string_view result_of(const NativeGroup& group) {
    if (const auto* host = host_function(group)) return host->result;
    struct Result {
        std::string_view name, type;
    };
    static constexpr Result results[] = {
#define SLUICE_RESULT(name, type) {name, type},
#include "dsl/lint/result_types.def"
#undef SLUICE_RESULT
    };
    const auto* found = std::ranges::find(results, group.name, &Result::name);
    return found == std::end(results) ? std::string_view() : found->type;
}

std::string signature(const NativeGroup& group, const Native& native) {
    std::string text = group.name + "(";
    for (std::size_t i = 0; i < native.count; ++i) text += (i == 0 ? "" : ", ") + text_of(native.types[i]);
    const auto result = result_of(group);
    return text + ")" + (result.empty() ? "" : fmt::format(" -> {}", result));
}

}  // namespace

std::vector<const NativeGroup*> groups_of(const NativeTable& natives, std::string_view name) {
    std::vector<const NativeGroup*> groups;
    for (std::size_t count = 0; count <= Native::max_args; ++count)
        if (const auto* group = natives.find(name, count)) groups.push_back(group);
    return groups;
}

std::string signatures(const std::vector<const NativeGroup*>& groups) {
    std::vector<std::string> lines;
    for (const auto* group : groups)
        for (const auto& native : group->overloads)
            if (const auto line = signature(*group, native); std::ranges::find(lines, line) == lines.end())
                lines.push_back(line);
    return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string describe_library(const std::vector<const NativeGroup*>& groups) {
    auto text = fmt::format("```vsl\n{}\n```\n", signatures(groups));
    for (const auto* group : groups) {
        const auto* host = host_function(*group);
        if (!host) continue;
        text += fmt::format("\n{}\n", host->doc);
        text += host->first_stage == Stage::load
                    ? "\nAvailable everywhere.\n"
                    : fmt::format("\nAvailable from stage `{}` on.\n", to_string(host->first_stage));
        break;
    }
    const auto any = [&](NativeFlags flag) {
        return std::ranges::any_of(groups, [&](const auto* group) { return (group->flags & flag) != 0; });
    };
    if (any(mutates)) text += "\nChanges what it is called on.\n";
    if (any(property)) text += "\nMay be written as a property, without parentheses.\n";
    return text;
}

}  // namespace sluice::dsl::lsp
