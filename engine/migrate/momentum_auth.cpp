#include "engine/migrate/momentum_auth.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/migrate/tls_values.hpp"
#include "grammar/smtp/command_line.hpp"

namespace sluice::migrate::momentum {

namespace {

using grammar::smtp::equals_ignoring_case;

// Listed always, or wherever they work.
constexpr std::string_view listed[] = {"ENHANCEDSTATUSCODES",
                                       "ENHANCEDSTATUSCODE",
                                       "PIPELINING",
                                       "8BITMIME",
                                       "SIZE",
                                       "DSN",
                                       "CHUNKING",
                                       "SMTPUTF8",
                                       "STARTTLS"};
constexpr std::string_view mechanisms[] = {
#define SASL_MECHANISM(enumerator, name, kind, clear) name,
#include "engine/sasl/mechanisms.def"
#undef SASL_MECHANISM
};

bool is_in(std::span<const std::string_view> list, std::string_view word) {
    return std::ranges::any_of(list, [&](std::string_view each) { return equals_ignoring_case(each, word); });
}

void read_auth(const Node& option, const Strings& words, Model& model, Report& report) {
    for (const auto& word : words) {
        const auto known =
            std::ranges::find_if(mechanisms, [&](std::string_view each) { return equals_ignoring_case(each, word); });
        if (known == std::end(mechanisms)) {
            report.not_carried(option.place, fmt::format("AUTH {}", word), "there is no such mechanism here",
                               "SCRAM-SHA-256 is the safe choice; PLAIN and LOGIN work under TLS");
            continue;
        }
        auto& chosen = model.auth_mechanisms;
        if (std::find(chosen.begin(), chosen.end(), *known) == chosen.end()) chosen.emplace_back(*known);
        report.carried(option.place, option.shown, "config.server.smtp.auth.mechanisms");
    }
    if (!model.auth_mechanisms.empty())
        report.notice(option.place, fmt::format("AUTH {}", fmt::join(words, " ")),
                      "AUTH is offered by all listeners, and under TLS only",
                      "make the users with `sluice user add NAME`");
}

}  // namespace

bool read_extensions(const Node& option, Model& model, Report& report) {
    bool starttls = false;
    auto values = option.value.items;
    if (option.value.kind == grammar::ecelerity::Value::Kind::text) values = {option.value};
    for (const auto& value : values) {
        const auto words = split(value.text, " =\t");
        if (words.empty()) continue;
        starttls = starttls || equals_ignoring_case(words.front(), "STARTTLS");
        if (equals_ignoring_case(words.front(), "AUTH"))
            read_auth(option, {words.begin() + 1, words.end()}, model, report);
        else if (is_in(listed, words.front()))
            continue;
        else
            report.not_carried(option.place, fmt::format("extension {}", words.front()),
                               "there is no such extension here", "");
    }
    return starttls;
}

}  // namespace sluice::migrate::momentum
