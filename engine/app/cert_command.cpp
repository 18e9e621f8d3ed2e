// `sluice cert self-signed|show|list`: certificates as files, without a server.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "dsl/ast/parse.hpp"
#include "dsl/ast/walk.hpp"
#include "engine/app/commands.hpp"
#include "engine/app/domain_folders.hpp"
#include "engine/app/domain_templates.hpp"
#include "engine/tls/certificate_info.hpp"
#include "engine/tls/self_signed.hpp"

namespace sluice::app {

namespace fs = std::filesystem;

namespace {

struct Arguments {
    std::string config;
    std::string name;
    int days = 90;
    bool rsa = false;
    std::vector<std::string> sans;
    std::string out;
    bool force = false;
    bool json = false;
};

int fail(const std::string& text, const std::string& hint = {}) {
    std::cerr << "error: " << text << '\n';
    if (!hint.empty()) std::cerr << "  hint: " << hint << '\n';
    return 1;
}

// True if one of them is an error.
bool tell(const std::vector<tls::Problem>& problems) {
    for (const auto& problem : problems) {
        std::cerr << fmt::format("{}[{}]: {}\n", to_string(problem.severity), problem.code, problem.text);
        if (!problem.hint.empty()) std::cerr << fmt::format("  hint: {}\n", problem.hint);
    }
    return tls::has_error(problems);
}

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error);
}

std::optional<std::string> content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// Whether the script writes all the paths as strings, relative to the configuration directory or absolute.
bool names(const std::string& script, const fs::path& root, std::initializer_list<fs::path> paths) {
    dsl::Diagnostics ignored;
    const auto tree = dsl::ast::parse(std::make_shared<dsl::SourceFile>("config.vsl", script), {}, ignored);
    if (!tree) return false;
    std::error_code error;
    std::set<fs::path> written;
    std::vector<const dsl::ast::Node*> waiting(tree->statements.begin(), tree->statements.end());
    waiting.insert(waiting.end(), tree->functions.begin(), tree->functions.end());
    while (!waiting.empty()) {
        const auto* next = waiting.back();
        waiting.pop_back();
        if (next->kind == dsl::ast::Kind::string)
            written.insert(fs::weakly_canonical(root / dsl::ast::as<dsl::ast::String>(*next).value, error));
        dsl::ast::for_each_child(*next, [&](const dsl::ast::Node& child) { waiting.push_back(&child); });
    }
    return std::ranges::all_of(paths, [&](const auto& path) { return written.contains(fs::weakly_canonical(path)); });
}

// A config.vsl as `domain add` wrote it has TLS in comments: it is replaced. Anything else belongs to the
// administrator.
void use_in_config(const DomainFolders& folders, const std::string& domain, const fs::path& certificate,
                   const fs::path& key) {
    const auto script = certificate.parent_path() / "config.vsl";
    const auto chain_path = folders.shown(certificate);
    const auto key_path = folders.shown(key);
    const auto wanted = config_template(domain, chain_path, key_path);
    const auto present = content_of(script);
    if (!present || *present == wanted) return;
    if (names(*present, folders.root, {certificate, key})) {
        std::cout << fmt::format("{} uses it\n", folders.shown(script));
        return;
    }
    if (*present == config_template_without_tls(domain, chain_path, key_path)) {
        std::ofstream file(script, std::ios::binary | std::ios::trunc);
        if (file << wanted && file.flush()) {
            std::cout << fmt::format("{} uses it\n", folders.shown(script));
            return;
        }
    }
    std::cout << fmt::format("{} must name it: config.tls = #{{ certificate: \"{}\", private_key: \"{}\" }};\n",
                             folders.shown(script), chain_path, key_path);
}

int self_signed(const Arguments& arguments) {
    std::string why;
    const auto name = domain_name(arguments.name, why);
    if (!name) return fail(why);
    tls::SelfSignedRequest request;
    request.dns_names = {*name};
    for (const auto& san : arguments.sans) {
        const bool wildcard = san.starts_with("*.");
        const auto further = domain_name(std::string_view(san).substr(wildcard ? 2 : 0), why);
        if (!further) return fail(why);
        request.dns_names.push_back((wildcard ? "*." : "") + *further);
    }
    request.days = arguments.days;
    if (arguments.rsa) request.key = tls::SelfSignedKey::rsa_2048;

    std::optional<DomainFolders> folders;
    fs::path directory = arguments.out;
    if (arguments.out.empty()) {
        folders = DomainFolders::find(arguments.config);
        if (!folders) return 1;
        directory = folders->directory_of(*name);
    }
    const auto certificate = directory / "fullchain.pem";
    const auto key = directory / "privkey.pem";
    for (const auto& path : {certificate, key})
        if (!arguments.force && is_there(path))
            return fail(fmt::format("'{}' exists", path.string()), "--force replaces certificate and key");
    const auto result = tls::make_self_signed(request);
    if (tell(result.problems) || !result.made) return 1;
    std::error_code error;
    fs::create_directories(directory, error);
    if (error) return fail(fmt::format("cannot make the directory '{}': {}", directory.string(), error.message()));
    if (tell(tls::store_certificate(*result.made, certificate.string(), key.string()))) return 1;
    const auto shown = [&](const fs::path& path) { return folders ? folders->shown(path) : path.string(); };
    std::cout << fmt::format("wrote {}\nwrote {}\n", shown(certificate), shown(key));
    if (!folders) return 0;
    use_in_config(*folders, *name, certificate, key);
    if (!is_there(directory / "config.vsl")) std::cout << fmt::format("next: sluice domain add {}\n", *name);
    return 0;
}

boost::json::object json_of(const tls::CertificateInfo& info) {
    return {{"domain", info.domain},
            {"file", info.certificate},
            {"subject", info.subject},
            {"issuer", info.issuer},
            {"serial", info.serial},
            {"key", info.key_type},
            {"names", boost::json::array(info.names.begin(), info.names.end())},
            {"sans", boost::json::array(info.sans.begin(), info.sans.end())},
            {"not_before", info.not_before},
            {"not_after", info.not_after},
            {"expires_in_s", info.expires_in_s},
            {"self_signed", info.self_signed},
            {"ca", info.is_ca},
            {"fingerprint", info.fingerprint},
            {"spki_fingerprint", info.spki_fingerprint}};
}

std::string joined(const std::vector<std::string>& items) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : " ") + item;
    return text;
}

std::string remaining(std::int64_t seconds) {
    constexpr std::int64_t day = 86400;
    if (seconds < 0) return fmt::format("expired {} day(s) ago", -seconds / day);
    return fmt::format("{} day(s) left", (seconds + day - 1) / day);  // one begun counts: a new one has all its days
}

// The certificate files of a domain: those it configures, else the usual one if it is there.
std::vector<std::string> files_of(const DomainFolders& folders, const std::string& domain) {
    std::vector<std::string> files;
    if (folders.configuration)
        for (const auto& tls : folders.configuration->tls_domains)
            if (tls.domain == domain)
                for (const auto& pair : tls.certificates) files.push_back(pair.certificate);
    const auto usual = folders.directory_of(domain) / "fullchain.pem";
    if (files.empty() && is_there(usual)) files.push_back(usual.string());
    return files;
}

// Fills the chains of all files; false after an error was told.
bool read_all(const std::vector<std::string>& files, const std::string& domain,
              std::vector<std::vector<tls::CertificateInfo>>& chains) {
    bool good = true;
    for (const auto& file : files) {
        auto result = tls::read_certificate_info(file);
        if (tell(result.problems)) {
            good = false;
            continue;
        }
        for (auto& info : result.chain) info.domain = domain;
        chains.push_back(std::move(result.chain));
    }
    return good;
}

void print(const tls::CertificateInfo& info) {
    std::cout << fmt::format(
        "file         {}\nsubject      {}\nissuer       {}{}\nserial       {}\nkey          {}\nnames        {}\nvalid "
        "       {} to {} ({})\n"
        "fingerprint  {}\nTLSA         3 1 1 {}\n",
        info.certificate, info.subject, info.issuer, info.self_signed ? " (self-signed)" : "", info.serial,
        info.key_type, joined(info.sans), info.not_before, info.not_after, remaining(info.expires_in_s),
        info.fingerprint, info.spki_fingerprint);
}

int show(const Arguments& arguments) {
    std::vector<std::string> files;
    std::string domain;
    std::error_code error;
    if (fs::is_regular_file(arguments.name, error)) {
        files.push_back(arguments.name);
    } else {
        std::string why;
        const auto name = domain_name(arguments.name, why);
        if (!name) return fail(fmt::format("there is no file '{}'", arguments.name), "give a PEM file or a domain");
        const auto folders = DomainFolders::find(arguments.config);
        if (!folders) return 1;
        files = files_of(*folders, *name);
        domain = *name;
        if (files.empty())
            return fail(fmt::format("no file '{}' and no certificate of a domain {}", arguments.name, *name),
                        fmt::format("make one with `sluice cert self-signed {}`", *name));
    }
    std::vector<std::vector<tls::CertificateInfo>> chains;
    const bool good = read_all(files, domain, chains);
    boost::json::array all;
    for (const auto& chain : chains) {
        for (const auto& info : chain) {
            if (arguments.json) {
                all.push_back(json_of(info));
                continue;
            }
            if (&info != &chains.front().front()) std::cout << '\n';
            print(info);
        }
    }
    if (arguments.json) std::cout << boost::json::serialize(all) << '\n';
    return good ? 0 : 1;
}

int list(const Arguments& arguments) {
    const auto folders = DomainFolders::find(arguments.config);
    if (!folders) return 1;
    std::vector<std::vector<tls::CertificateInfo>> chains;
    bool good = true;
    for (const auto& name : folders->names()) good = read_all(files_of(*folders, name), name, chains) && good;
    if (arguments.json) {
        boost::json::array all;
        for (const auto& chain : chains) all.push_back(json_of(chain.front()));
        std::cout << boost::json::serialize(all) << '\n';
        return good ? 0 : 1;
    }
    if (chains.empty()) {
        if (good) std::cout << "no certificate; make one with `sluice cert self-signed NAME`\n";
        return good ? 0 : 1;
    }
    std::size_t width = 6;
    for (const auto& chain : chains) width = std::max(width, chain.front().domain.size());
    std::cout << fmt::format("{:<{}}  {:<11}  {:<8}  {:<20}  {}\n", "DOMAIN", width, "TYPE", "KEY", "EXPIRES", "NAMES");
    for (const auto& chain : chains) {
        const auto& leaf = chain.front();
        std::cout << fmt::format("{:<{}}  {:<11}  {:<8}  {:<20}  {}\n", leaf.domain, width,
                                 leaf.self_signed ? "self-signed" : "issued", leaf.key_type,
                                 remaining(leaf.expires_in_s), joined(leaf.names));
    }
    return good ? 0 : 1;
}

}  // namespace

void add_cert(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* cert = app.add_subcommand("cert", "Make and show certificates");
    cert->require_subcommand(1);
    cert->add_option("-c,--config", arguments->config, "configuration directory or root script (default /etc/sluice)");
    const auto command = [&](const char* name, const char* description, int (*run)(const Arguments&)) {
        auto* sub = cert->add_subcommand(name, description)->fallthrough();  // -c may stand behind, too
        sub->callback([arguments, run, &exit_code] { exit_code = run(*arguments); });
        return sub;
    };
    auto* make = command("self-signed", "Make a certificate for tests: fullchain.pem and privkey.pem of the domain",
                         self_signed);
    make->add_option("NAME", arguments->name, "domain, like example.com")->required();
    make->add_option("--days", arguments->days, "validity")
        ->capture_default_str()
        ->check(CLI::Range(1, tls::kLongestDays));
    make->add_flag("--rsa", arguments->rsa, "an RSA key of 2048 bits instead of EC P-256");
    make->add_option("--san", arguments->sans, "a further name, like mx.example.com or *.example.com; may be repeated")
        ->expected(1)
        ->take_all();
    make->add_option("--out", arguments->out, "directory for the two files (default: that of the domain)");
    make->add_flag("--force", arguments->force, "replace files that exist");
    auto* one = command("show", "Show a certificate with its chain", show);
    one->add_option("FILE|DOMAIN", arguments->name, "PEM file, or domain")->required();
    one->add_flag("--json", arguments->json, "print JSON");
    command("list", "Show the certificates of all domains", list)->add_flag("--json", arguments->json, "print JSON");
}

}  // namespace sluice::app
