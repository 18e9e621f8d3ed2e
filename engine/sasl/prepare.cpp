#include "engine/sasl/prepare.hpp"

#include <gsasl.h>

#include <algorithm>
#include <cstring>

#include "engine/base/limits.hpp"

namespace sluice::sasl {
namespace {

bool printable_ascii(char c) { return c >= 0x20 && c <= 0x7e; }

std::optional<Secret> run(const char* text, Gsasl_saslprep_flags flags) {
    char* prepared = nullptr;
    if (gsasl_saslprep(text, flags, &prepared, nullptr) != GSASL_OK || !prepared) return std::nullopt;
    Secret result{std::string_view(prepared)};
    wipe(prepared, result.size());
    gsasl_free(prepared);
    return result;
}

}  // namespace

std::optional<Secret> prepare_password(std::string_view text, Use use) {
    if (text.empty() || text.find('\0') != std::string_view::npos) return std::nullopt;
    if (std::ranges::all_of(text, printable_ascii)) return Secret(text);
    Secret terminated(text.size() + 1);
    std::memcpy(terminated.data(), text.data(), text.size());
    const auto allowed = run(terminated.data(), GSASL_ALLOW_UNASSIGNED);
    const auto strict = run(terminated.data(), Gsasl_saslprep_flags{});
    // libgsasl 2.2 takes its flag for the opposite. Whichever way it is: one of the two refuses unassigned code points.
    if (!allowed && !strict) return std::nullopt;
    if (use == Use::store && !(allowed && strict)) return std::nullopt;
    Secret result(allowed ? allowed->view() : strict->view());
    if (result.empty()) return std::nullopt;
    return result;
}

std::optional<std::string> prepare_name(std::string_view text, Use use) {
    if (text.size() > limits::sasl_name) return std::nullopt;
    const auto prepared = prepare_password(text, use);
    if (!prepared || prepared->size() > limits::sasl_name) return std::nullopt;
    return std::string(prepared->view());
}

}  // namespace sluice::sasl
