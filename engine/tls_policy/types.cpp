#include "engine/tls_policy/types.hpp"

#include <span>

namespace sluice::tls_policy {

namespace {

template <class Enum>
struct Word {
    std::string_view text;
    Enum value;
};

// The first word of a value is the one that it is shown by.
constexpr Word<Mode> kModes[] = {{"none", Mode::none},
                                 {"no", Mode::none},
                                 {"opportunistic", Mode::opportunistic},
                                 {"ifavailable", Mode::opportunistic},
                                 {"mta-sts", Mode::mta_sts},
                                 {"dane", Mode::dane},
                                 {"required", Mode::required},
                                 {"dane-only", Mode::dane_only}};
constexpr Word<Verify> kVerify[] = {{"no", Verify::no},
                                    {"optional", Verify::optional},
                                    {"ca", Verify::ca},
                                    {"host", Verify::host},
                                    {"pin", Verify::pin}};
constexpr Word<Extra> kExtras[] = {{"off", Extra::off}, {"optional", Extra::optional}, {"require", Extra::require}};
constexpr Word<RequireTls> kRequireTls[] = {{"enforce", RequireTls::enforce},
                                            {"starttls", RequireTls::starttls},
                                            {"opportunistic", RequireTls::opportunistic},
                                            {"off", RequireTls::off}};

template <class Enum>
std::optional<Enum> value_of(std::span<const Word<Enum>> words, std::string_view text) noexcept {
    for (const auto& word : words)
        if (word.text == text) return word.value;
    return std::nullopt;
}

template <class Enum>
std::string_view word_of(std::span<const Word<Enum>> words, Enum value) noexcept {
    for (const auto& word : words)
        if (word.value == value) return word.text;
    return {};
}

}  // namespace

std::optional<Mode> mode_of(std::string_view word) noexcept { return value_of<Mode>(kModes, word); }
std::optional<Verify> verify_of(std::string_view word) noexcept { return value_of<Verify>(kVerify, word); }
std::optional<Extra> extra_of(std::string_view word) noexcept { return value_of<Extra>(kExtras, word); }
std::optional<RequireTls> require_tls_of(std::string_view word) noexcept {
    return value_of<RequireTls>(kRequireTls, word);
}

std::string_view to_string(Mode mode) noexcept { return word_of<Mode>(kModes, mode); }
std::string_view to_string(Verify verify) noexcept { return word_of<Verify>(kVerify, verify); }
std::string_view to_string(Extra extra) noexcept { return word_of<Extra>(kExtras, extra); }
std::string_view to_string(RequireTls level) noexcept { return word_of<RequireTls>(kRequireTls, level); }

}  // namespace sluice::tls_policy
