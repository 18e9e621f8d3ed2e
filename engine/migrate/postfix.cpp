// A Postfix configuration directory as a whole.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "engine/config/syntax.hpp"
#include "engine/migrate/migration.hpp"
#include "engine/migrate/names.hpp"
#include "engine/migrate/postfix_listeners.hpp"
#include "engine/migrate/postfix_policy.hpp"
#include "engine/migrate/source_text.hpp"
#include "engine/migrate/tls_values.hpp"

namespace sluice::migrate {

namespace {

namespace fs = std::filesystem;
using namespace postfix;

enum class Verdict : std::uint8_t { notice, refused };

struct Row {
    std::string_view name;
    std::string_view values;
    Verdict verdict;
    std::string_view text;
    std::string_view instead;
};
constexpr Row rows[] = {
#define POSTFIX_OPTION(name, values, verdict, text, instead) {name, values, Verdict::verdict, text, instead},
#include "engine/migrate/postfix_options.def"
#undef POSTFIX_OPTION
};

// Read by postfix_keys.hpp, which tells of them where they count.
constexpr std::string_view by_level[] = {"smtpd_tls_protocols",
                                         "smtpd_tls_mandatory_protocols",
                                         "smtpd_tls_ciphers",
                                         "smtpd_tls_mandatory_ciphers",
                                         "smtpd_tls_mandatory_exclude_ciphers",
                                         "smtpd_use_tls",
                                         "smtpd_enforce_tls",
                                         "smtp_use_tls",
                                         "smtp_enforce_tls",
                                         "smtp_tls_protocols",
                                         "smtp_tls_mandatory_protocols",
                                         "smtp_tls_ciphers",
                                         "smtp_tls_mandatory_ciphers",
                                         "smtp_tls_mandatory_exclude_ciphers",
                                         "smtp_tls_exclude_ciphers",
                                         "smtpd_tls_exclude_ciphers",
                                         "smtp_tls_verify_cert_match",
                                         "smtp_tls_secure_cert_match",
                                         "smtp_tls_fingerprint_cert_match",
                                         "tls_high_cipherlist",
                                         "tls_medium_cipherlist",
                                         "tls_low_cipherlist",
                                         "tls_export_cipherlist",
                                         "smtp_tls_servername"};

class Reader {
  public:
    Reader(fs::path directory, Parameters main, Migration& to, dsl::Diagnostics& diagnostics)
        : directory_(std::move(directory)), main_(std::move(main)), to_(to), diagnostics_(diagnostics) {
        if (main_.find("config_directory") == nullptr)
            main_["config_directory"] = {fs::absolute(directory_).lexically_normal().string(), {}};
    }

    void read(const std::vector<Service>& services) {
        read_server();
        read_services(services, main_, to_.model.server_tls, told_, to_.model, to_.report);
        read_client();
        read_sni_maps();
        tell_the_rest();
    }

  private:
    void read_server() {
        auto& model = to_.model;
        if (const auto name = settings_.value("myhostname")) {
            if (config::canonical_domain(*name)) {
                model.server_name = *name;
                settings_.carried("myhostname", "config.server.name");
            } else {
                settings_.refuse("myhostname", fmt::format("'{}' is no domain name", *name), "set config.server.name");
            }
        }
        for (const auto& sourced :
             {inbound_keys(settings_, settings_.is_yes("smtpd_tls_wrappermode")), server_keys(settings_)})
            for (const auto& [key, value] : sourced.keys) {
                model.server_tls[key] = value;
                settings_.carried(sourced, key, "config.server.tls");
            }
        auto pairs = server_certificates(settings_, "domain-available/default/config.vsl");
        if (!pairs.empty()) model.hosted["default"].certificates = std::move(pairs);
    }

    void read_client() {
        auto level = settings_.value("smtp_tls_security_level").value_or("");
        std::string from = "smtp_tls_security_level";
        if (level.empty()) {
            const bool enforced = settings_.is_yes("smtp_enforce_tls");
            level = enforced ? (settings_.value("smtp_tls_enforce_peername") == "no" ? "encrypt" : "verify")
                    : settings_.is_yes("smtp_use_tls") ? "may"
                                                       : "none";
            from = enforced ? "smtp_enforce_tls" : "smtp_use_tls";
        }
        auto made = policy_keys(settings_, {.level = level});
        for (const auto& problem : made.problems) settings_.refuse(from, problem, "set it in config.delivery.tls");
        for (const auto& note : made.notes) settings_.notice(from, note);
        auto& global = to_.model.delivery_tls;
        for (const auto& sourced : {made.keys, client_keys(settings_)})
            for (const auto& [key, value] : sourced.keys) {
                global[key] = value;
                settings_.carried(sourced, key, "config.delivery.tls");
            }
        settings_.carried(from, "config.delivery.tls.mode");
        if (level == "none" && settings_.value("smtp_tls_security_level").value_or("").empty()) tell_default_level();
        std::vector<Block> blocks;
        for (const auto& entries : tables_of("smtp_tls_policy_maps", "config.delivery.domain"))
            read_policies(entries, settings_, blocks, to_.report);
        to_.model.domains = scopes_of(blocks, global);
        for (const auto& [pattern, keys] : to_.model.domains)
            if (std::ranges::none_of(blocks, [&](const Block& block) { return block.pattern == pattern; }))
                settings_.notice("smtp_tls_policy_maps",
                                 fmt::format("\".{0}\" is {0} and all below here: config.delivery.domain[\"{0}\"] "
                                             "keeps {0} as it was",
                                             pattern));
    }

    void tell_default_level() {
        to_.model.delivery_notes.push_back(
            "No level is set, and Postfix before 3.11 uses no TLS then. \"opportunistic\" is the default here, and "
            "better.");
        to_.report.notice({(directory_ / "main.cf").string(), 0}, "smtp_tls_security_level",
                          "not set; Postfix before 3.11 uses no TLS then: config.delivery.tls.mode = \"none\"",
                          "consider \"opportunistic\", the default here");
    }

    // A path of /etc/postfix is looked up in the directory that is migrated.
    [[nodiscard]] fs::path located(const std::string& path) const {
        static constexpr std::string_view usual = "/etc/postfix/";
        if (path.starts_with(usual)) return directory_ / path.substr(usual.size());
        return fs::path(path);
    }

    // The entries of the tables that a parameter names, in order.
    std::vector<std::vector<Entry>> tables_of(std::string_view name, std::string_view target) {
        std::vector<std::vector<Entry>> tables;
        const auto maps = settings_.value(name);
        if (!maps) return tables;
        for (auto map : split(*maps, ", \t")) {
            if (map.starts_with("proxy:")) map.erase(0, 6);
            const auto colon = map.find(':');
            static constexpr std::string_view made_of_text[] = {"hash", "btree", "lmdb",    "cdb",
                                                                "dbm",  "sdbm",  "texthash"};
            if (colon == std::string::npos ||
                std::ranges::find(made_of_text, std::string_view(map).substr(0, colon)) == std::end(made_of_text)) {
                settings_.refuse(name, fmt::format("the table '{}' is not made of a text file", map),
                                 "write its entries into a file, name it texthash:FILE and migrate again");
                continue;
            }
            const auto path = located(map.substr(colon + 1));
            std::string why;
            const auto source = read_file(path, path.string(), why);
            if (!source) {
                settings_.refuse(name, fmt::format("cannot read '{}': {}", path.string(), why),
                                 "copy the tables along with main.cf");
                continue;
            }
            if (auto entries = read_table(source, to_.report, diagnostics_)) tables.push_back(std::move(*entries));
            settings_.carried(name, target);
        }
        return tables;
    }

    // A key, then files with keys and certificates: one domain each.
    void read_sni_maps() {
        for (const auto& entries : tables_of("tls_server_sni_maps", "domain-available"))
            for (const auto& entry : entries) {
                const auto shown = fmt::format("{} {}", entry.key, entry.value);
                const auto pattern = domain_pattern(entry.key);
                auto pairs = chain_pairs(split(entry.value, ", \t"));
                if (!pattern || entry.key.starts_with('*') || pairs.empty()) {
                    to_.report.not_carried(entry.place, shown, "it is no domain with a key and a certificate",
                                           "make the domain with `sluice domain add`");
                    continue;
                }
                const bool below = pattern->starts_with('.');
                auto& hosted = to_.model.hosted[below ? pattern->substr(1) : *pattern];
                if (!hosted.certificates.empty() && hosted.certificates != pairs) {
                    to_.report.not_carried(entry.place, shown, "a domain and all below it have one configuration here",
                                           "make a domain of one of these names, and list it in its server_names");
                    continue;
                }
                hosted.certificates = std::move(pairs);
                if (below) hosted.server_names.push_back(*pattern);
                to_.report.carried(
                    entry.place, shown,
                    fmt::format("domain-available/{}/config.vsl", below ? pattern->substr(1) : *pattern));
            }
    }

    // The row of a parameter in the table. Where any value will do, it need not be known here.
    [[nodiscard]] const Row* row_of(std::string_view name, const std::optional<std::string>& value) const {
        for (const auto& row : rows) {
            if (row.name != name) continue;
            const auto words = split(row.values, " ");
            if (row.values == "*" || (value && std::ranges::find(words, *value) != words.end())) return &row;
            if (!value) return nullptr;
        }
        return nullptr;
    }

    // Every parameter that nothing was said about so far.
    void tell_the_rest() {
        for (const auto& [name, parameter] : main_) {
            if (told_.contains(name) || parameter.place.line == 0) continue;
            const bool any = row_of(name, std::nullopt) != nullptr;
            const auto value = any ? std::nullopt : settings_.value(name);
            if (const auto* row = row_of(name, value)) {
                if (row->verdict == Verdict::notice)
                    settings_.notice(name, row->text, row->instead);
                else
                    settings_.refuse(name, row->text, row->instead);
            } else if (!value) {
                continue;  // told by value(): it is not known here
            } else if (std::ranges::find(by_level, name) != std::end(by_level)) {
                settings_.notice(name, "it counts at security levels that nothing here has, or that say it themselves");
            } else if (name.find("tls") != std::string::npos) {
                settings_.refuse(name, "there is no counterpart", "look for what it did in the README");
            } else if (is_used_by_others(name)) {
                settings_.notice(name, "its value was put where it is used");
            } else {
                settings_.refuse(name, "TLS and listeners are carried over; this is not among them",
                                 "look for its counterpart in the README; what is decided per message is a rule");
            }
        }
    }

    // A parameter of the administrator's own, which others refer to.
    [[nodiscard]] bool is_used_by_others(const std::string& name) const {
        return std::ranges::any_of(main_, [&](const auto& other) {
            const auto& value = other.second.value;
            return told_.contains(other.first) &&
                   (value.find("$" + name) != std::string::npos || value.find("{" + name) != std::string::npos);
        });
    }

    fs::path directory_;
    Parameters main_;
    Parameters none_;
    Settings::Told told_;
    Migration& to_;
    dsl::Diagnostics& diagnostics_;
    Settings settings_{main_, none_, told_, to_.report};
};

}  // namespace

std::optional<Migration> migrate_postfix(const std::string& directory, dsl::Diagnostics& diagnostics) {
    Migration result;
    const auto main_path = fs::path(directory) / "main.cf";
    const auto main_source = read_file(main_path, main_path.string(), diagnostics);
    if (!main_source) return std::nullopt;
    auto main = read_main(main_source, result.report, diagnostics);
    if (!main) return std::nullopt;
    std::vector<Service> services;
    const auto master_path = fs::path(directory) / "master.cf";
    std::error_code error;
    if (fs::exists(master_path, error)) {
        const auto source = read_file(master_path, master_path.string(), diagnostics);
        auto read = source ? read_master(source, diagnostics) : std::nullopt;
        if (!read) return std::nullopt;
        services = std::move(*read);
    } else {
        result.report.notice({master_path.string(), 0}, "master.cf", "there is none, so no listener was carried over",
                             "config.server.interfaces lists them");
    }
    Reader(directory, std::move(*main), result, diagnostics).read(services);
    if (diagnostics.has_errors()) return std::nullopt;
    result.report.sort();
    result.files = write_vsl(result.model, "postfix", "main.cf");
    result.next_steps = next_steps(result.model);
    return result;
}

}  // namespace sluice::migrate
