#include "engine/migrate/postfix_settings.hpp"

#include <fmt/format.h>

namespace sluice::migrate::postfix {

Settings::Found Settings::find(std::string_view name) const {
    if (const auto* parameter = overrides_.find(name))
        return {parameter, fmt::format("-o {}={}", name, parameter->value)};
    if (const auto* parameter = main_.find(name)) return {parameter, fmt::format("{} = {}", name, parameter->value)};
    return {};
}

std::optional<std::string> Settings::value(std::string_view name) const {
    const auto found = find(name);
    if (found.parameter == nullptr) return std::nullopt;
    std::string unknown;
    auto expanded = expand(found.parameter->value, main_, unknown);
    if (!expanded)
        refuse(name, fmt::format("main.cf does not say what ${} is", unknown),
               "write the value out (`postconf` tells it) and migrate again");
    return expanded;
}

bool Settings::is_yes(std::string_view name) const {
    const auto text = value(name);
    return text && (*text == "yes" || *text == "YES" || *text == "Yes");
}

void Settings::carried(std::string_view name, std::string_view target) const {
    const auto found = find(name);
    if (found.parameter == nullptr) return;
    told_.emplace(name);
    report_.carried(found.parameter->place, found.shown, target);
}

void Settings::carried(const Sourced& what, std::string_view key, std::string_view path) const {
    if (const auto* names = what.sources.find(key))
        for (const auto& name : *names) carried(name, fmt::format("{}.{}", path, key));
}

void Settings::notice(std::string_view name, std::string_view text, std::string_view instead) const {
    const auto found = find(name);
    if (found.parameter == nullptr) return;
    told_.emplace(name);
    report_.notice(found.parameter->place, found.shown, text, instead);
}

void Settings::refuse(std::string_view name, std::string_view why, std::string_view instead) const {
    const auto found = find(name);
    if (found.parameter == nullptr) return;
    told_.emplace(name);
    report_.not_carried(found.parameter->place, found.shown, why, instead);
}

}  // namespace sluice::migrate::postfix
