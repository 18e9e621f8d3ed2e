// The policy table of Hermes SEG ("TLS Encryption Policies"), in one of two forms:
//
//     .hospital.example encrypt                       /etc/postfix/tls_policy, as its page writes it: a domain and a
//     # contract 2026-14                              level. Comments above an entry are taken for its note
//     clinic.example    encrypt
//
//     domain	method	description                  `mysql --batch hermes -e 'select domain, method, description from
//     clinic.example	encrypt	contract 2026-14     tls_policies where applied = 1'`: the page's table, which has the
//                                                   notes
//
// Its page promises both directions, what it writes is for sending only (tls.md 4.6): so are these entries.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "engine/migrate/migration.hpp"
#include "engine/migrate/names.hpp"
#include "engine/migrate/postfix_files.hpp"
#include "engine/migrate/source_text.hpp"
#include "engine/migrate/tls_values.hpp"
#include "grammar/mail/parameters.hpp"

namespace sluice::migrate {

namespace {

using postfix::Entry;

// What mysql --batch writes for a tab, a line break and a backslash in a column.
std::string unescaped(std::string_view column) {
    std::string out;
    for (std::size_t i = 0; i < column.size(); ++i) {
        if (column[i] == '\\' && i + 1 < column.size()) {
            const char next = column[++i];
            out += next == 't' ? '\t' : next == 'n' ? '\n' : next;
        } else {
            out += column[i];
        }
    }
    return out;
}

std::vector<std::string_view> columns_of(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::vector<std::string_view> columns;
    for (;;) {
        const auto tab = line.find('\t');
        columns.push_back(line.substr(0, tab));
        if (tab == std::string_view::npos) return columns;
        line.remove_prefix(tab + 1);
    }
}

struct Columns {
    std::size_t domain = std::string::npos;
    std::size_t method = std::string::npos;
    std::size_t note = std::string::npos;

    [[nodiscard]] bool complete() const noexcept { return domain != std::string::npos && method != std::string::npos; }
};

// Of a line that names columns; incomplete if it is no such line.
Columns header_of(std::string_view line) {
    Columns columns;
    const auto names = columns_of(line);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto name = grammar::mail::lower_case(names[i]);
        if (name == "domain") columns.domain = i;
        if (name == "method") columns.method = i;
        if (name == "description" || name == "note") columns.note = i;
    }
    return columns;
}

std::optional<std::vector<Entry>> read_export(const dsl::SourcePtr& source, const Columns& columns,
                                              dsl::Diagnostics& diagnostics) {
    std::vector<Entry> entries;
    std::uint32_t number = 1;
    auto text = source->text();
    text.remove_prefix(std::min(text.find('\n'), text.size()));
    while (text.size() > 1) {
        text.remove_prefix(1);
        ++number;
        const auto end = std::min(text.find('\n'), text.size());
        const auto values = columns_of(text.substr(0, end));
        const auto value = [&](std::size_t i) { return i < values.size() ? unescaped(values[i]) : std::string(); };
        if (values.size() == 1 && values[0].empty()) {
        } else if (values.size() <= std::max(columns.domain, columns.method)) {
            syntax_error(diagnostics, source, static_cast<std::uint32_t>(text.data() - source->text().data()),
                         "this line has fewer columns than the first one",
                         "export the table with `mysql --batch`, whose columns are separated by tabs");
            return std::nullopt;
        } else {
            const auto note = value(columns.note) == "NULL" ? "" : value(columns.note);
            entries.push_back({grammar::mail::lower_case(value(columns.domain)),
                               value(columns.method),
                               {source->name(), number},
                               note});
        }
        text.remove_prefix(end);
    }
    return entries;
}

// What the level is in config.tls_policy; empty if there is none like it.
std::string_view send_of(std::string_view level) {
    if (level == "encrypt") return "required";
    if (level == "verify" || level == "secure") return "verified";
    if (level == "dane-only") return "dane-only";
    if (level == "none") return "off";
    return {};
}

void read_entry(const Entry& entry, Model& model, Report& report) {
    const auto shown = fmt::format("{} {}", entry.key, entry.value);
    const auto words = split(entry.value, " \t");
    const auto send = words.empty() ? std::string_view() : send_of(words.front());
    const auto pattern = domain_pattern(entry.key);
    if (!pattern || entry.key.starts_with('*'))
        return report.not_carried(entry.place, shown, fmt::format("'{}' is no domain", entry.key),
                                  "write \"example.com\", or \".example.com\" for it and all subdomains");
    if (send.empty())
        return report.not_carried(
            entry.place, shown, fmt::format("a policy cannot say '{}'", words.empty() ? "" : words.front()),
            "policies are required, verified, dane-only or off; anything else is config.delivery.domain[…].tls.mode");
    if (model.policies.find(*pattern) != nullptr)
        return report.notice(entry.place, shown, "the domain has an entry already, which counts");
    model.policies[*pattern] = {std::string(send), entry.note};
    report.carried(entry.place, shown, fmt::format("config.tls_policy[\"{}\"]", *pattern));
    if (pattern->starts_with('.'))
        report.notice(entry.place, shown,
                      fmt::format("{} itself is meant as well, as Hermes' page says; its Postfix took subdomains only",
                                  pattern->substr(1)));
    for (std::size_t i = 1; i < words.size(); ++i)
        report.not_carried(entry.place, words[i], "a policy has no such setting",
                           fmt::format("write it for config.delivery.domain[\"{}\"]", *pattern));
}

}  // namespace

std::optional<Migration> migrate_hermes(const std::string& file, dsl::Diagnostics& diagnostics) {
    const auto source = read_file(file, file, diagnostics);
    if (!source) return std::nullopt;
    Migration result;
    const auto columns = header_of(source->line(1));
    const auto entries = columns.complete() ? read_export(source, columns, diagnostics)
                                            : postfix::read_table(source, result.report, diagnostics);
    if (!entries) return std::nullopt;
    for (const auto& entry : *entries) read_entry(entry, result.model, result.report);
    if (!result.model.policies.empty())
        result.report.notice({file, 0}, "receiving",
                             "Hermes' page promises TLS for receiving from these domains, too, and writes it for "
                             "sending only; so do these entries",
                             "receive: \"required\" in an entry demands it of the domain's own mail");
    result.report.sort();
    result.files = write_vsl(result.model, "hermes", std::filesystem::path(file).filename().string());
    result.next_steps = next_steps(result.model);
    return result;
}

}  // namespace sluice::migrate
