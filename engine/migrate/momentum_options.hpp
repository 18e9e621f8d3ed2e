// momentum_options.def as a function: one option with its value -> our key and value, or why not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/migrate/model.hpp"
#include "grammar/ecelerity/document.hpp"

namespace sluice::migrate::momentum {

enum class Verdict : std::uint8_t { mapped, notice, refused };

struct Translation {
    Verdict verdict = Verdict::refused;
    std::string inbound;  // our keys; empty where the option says nothing
    std::string outbound;
    Value value;       // if mapped
    std::string text;  // if not mapped: why. If mapped: a notice beside it, or empty
    std::string instead;
};

// Whether the table has the option. `name` is in lower case.
[[nodiscard]] bool is_tls_option(std::string_view name) noexcept;

// Nothing if the table does not have the option.
[[nodiscard]] std::optional<Translation> translate(std::string_view name, const grammar::ecelerity::Value& value);

// "true", "yes", "on", "1" and their opposites, in any case.
[[nodiscard]] std::optional<bool> flag_of(std::string_view word);

// What there is to say about the path of a file that is carried over; empty if nothing.
[[nodiscard]] std::string path_note(std::string_view path);

}  // namespace sluice::migrate::momentum
