// Parameters of main.cf as one service sees them, -o of master.cf before main.cf, and what has been told of them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/migrate/postfix_files.hpp"

namespace sluice::migrate::postfix {

// Keys of a `tls` map with the parameters each comes from.
struct Sourced {
    Keys keys;
    Named<Strings> sources;

    void set(std::string_view key, Value value, Strings from) {
        keys[key] = std::move(value);
        sources[key] = std::move(from);
    }
};

class Settings {
  public:
    // What one migration has told about parameters of main.cf, shared by all services.
    using Told = std::set<std::string, std::less<>>;

    Settings(const Parameters& main, const Parameters& overrides, Told& told, Report& report)
        : main_(main), overrides_(overrides), told_(told), report_(report) {}

    // Expanded; nothing if it is not set, or if its value is not known here, which is reported.
    [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
    [[nodiscard]] bool is_yes(std::string_view name) const;
    [[nodiscard]] bool is_overridden(std::string_view name) const noexcept { return overrides_.find(name) != nullptr; }

    // Nothing is told of parameters that are not set.
    void carried(std::string_view name, std::string_view target) const;
    void carried(const Sourced& what, std::string_view key, std::string_view path) const;
    void notice(std::string_view name, std::string_view text, std::string_view instead = {}) const;
    void refuse(std::string_view name, std::string_view why, std::string_view instead) const;

  private:
    struct Found {
        const Parameter* parameter = nullptr;
        std::string shown;
    };
    [[nodiscard]] Found find(std::string_view name) const;

    const Parameters& main_;
    const Parameters& overrides_;
    Told& told_;
    Report& report_;
};

}  // namespace sluice::migrate::postfix
