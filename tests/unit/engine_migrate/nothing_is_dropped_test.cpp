// Every option gets a remark, wherever it stands: carried over, a notice, or not carried over.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>

#include <fmt/format.h>

#include "dsl/diag/render.hpp"
#include "dsl/format/format.hpp"
#include "engine/migrate/migration.hpp"
#include "tests/support/temporary_directory.hpp"

namespace sluice::migrate {

namespace {

struct Option {
    std::string name;
    std::string values;
};

// The tables themselves, and what the code looks at without them.
std::vector<Option> momentum_options() {
    std::vector<Option> options = {
#define MOMENTUM_OPTION(name, values, ...) {name, values},
#include "engine/migrate/momentum_options.def"
#undef MOMENTUM_OPTION
    };
    for (const auto* name : {"enable", "use_ssl", "smtp_extensions", "max_outbound_connections"})
        options.push_back({name, "*"});
    return options;
}

class NothingIsDropped : public testing::Test {
  protected:
    Migration migrated(std::optional<Migration> (*migrate)(const std::string&, dsl::Diagnostics&),
                       const std::string& path) {
        dsl::Diagnostics diagnostics;
        auto result = migrate(path, diagnostics);
        EXPECT_TRUE(result) << dsl::render(diagnostics.all());
        if (!result) return {};
        for (const auto& file : result->files) {
            EXPECT_EQ(dsl::format::format(std::make_shared<dsl::SourceFile>(file.path, file.text), {}, diagnostics),
                      file.text)
                << dsl::render(diagnostics.all()) << file.text;
        }
        return std::move(*result);
    }
    std::string write(const char* name, const std::string& text) {
        std::ofstream(directory_.path() / name) << text;
        return (directory_.path() / name).string();
    }
    static bool told(const Migration& migration, std::uint32_t line, std::string_view option) {
        return std::ranges::any_of(migration.report.all(), [&](const Remark& remark) {
            return remark.place.line == line && remark.option.find(option) != std::string::npos;
        });
    }
    test::TemporaryDirectory directory_;
};

// What stands before and behind the option, which is on line 2.
constexpr std::array<std::pair<const char*, const char*>, 11> momentum_scopes = {{
    {"", ""},
    {"ESMTP_Listener {", "Listen \":25\" { } }"},
    {"ESMTP_Listener {", "Listen \":25\" { Enable = false } }"},
    {"ESMTP_Listener {", "}"},
    {"ESMTP_Listener { Listen \":25\" {", "} }"},
    {"ESMTP_Listener { Listen \":25\" { Use_SSL = true TLS_Certificate = \"/c\"", "} Listen \":26\" { } }"},
    {"ESMTP_Listener { Peer \"10.0.0.0/8\" {", "} }"},
    {"domain \"x.test\" {", "}"},
    {"binding \"b\" {", "}"},
    {"binding_group \"g\" {", "}"},
    {"binding_group \"g\" { binding \"b\" { domain \"x.test\" {", "} } }"},
}};

TEST_F(NothingIsDropped, OfMomentum) {
    for (const auto& option : momentum_options())
        for (const auto& [before, behind] : momentum_scopes)
            for (const auto& value :
                 {option.values.substr(0, option.values.find(' ')), std::string("true"), std::string("none")}) {
                const auto line = fmt::format("{} = \"{}\"", option.name, value == "*" ? "/x" : value);
                const auto text = fmt::format("{}\n{}\n{}\n", before, line, behind);
                const auto result = migrated(migrate_momentum, write("e.conf", text));
                EXPECT_TRUE(told(result, 2, option.name)) << text << render(result.report);
            }
}

// An option of the listener that every Listen has as well.
TEST_F(NothingIsDropped, OfMomentumOverridden) {
    for (const auto& option : momentum_options()) {
        const auto line = fmt::format("{} = \"{}\"", option.name, option.values == "*" ? "/x" : option.values);
        const auto text = fmt::format("ESMTP_Listener {{\n{0}\nListen \":25\" {{\n{0}\n}} }}\n", line);
        const auto result = migrated(migrate_momentum, write("e.conf", text));
        for (const std::uint32_t number : {2U, 4U})
            EXPECT_TRUE(told(result, number, option.name)) << number << ": " << text << render(result.report);
    }
}

const std::vector<std::string> postfix_parameters = {
#define POSTFIX_OPTION(name, ...) name,
#include "engine/migrate/postfix_options.def"
#undef POSTFIX_OPTION
    "smtpd_tls_security_level",
    "smtpd_use_tls",
    "smtpd_enforce_tls",
    "smtpd_tls_protocols",
    "smtpd_tls_mandatory_protocols",
    "smtpd_tls_ciphers",
    "smtpd_tls_mandatory_ciphers",
    "smtpd_tls_exclude_ciphers",
    "smtpd_tls_mandatory_exclude_ciphers",
    "smtpd_tls_CAfile",
    "smtpd_tls_ask_ccert",
    "smtpd_tls_req_ccert",
    "smtpd_starttls_timeout",
    "smtpd_tls_wrappermode",
    "smtpd_tls_cert_file",
    "smtpd_tls_key_file",
    "smtpd_tls_eccert_file",
    "smtpd_tls_eckey_file",
    "smtpd_tls_chain_files",
    "tls_preempt_cipherlist",
    "smtpd_tls_received_header",
    "smtpd_tls_session_cache_timeout",
    "tls_eecdh_auto_curves",
    "smtp_tls_security_level",
    "smtp_use_tls",
    "smtp_enforce_tls",
    "smtp_tls_protocols",
    "smtp_tls_mandatory_protocols",
    "smtp_tls_ciphers",
    "smtp_tls_mandatory_ciphers",
    "smtp_tls_exclude_ciphers",
    "smtp_tls_mandatory_exclude_ciphers",
    "smtp_tls_CAfile",
    "smtp_tls_cert_file",
    "smtp_tls_key_file",
    "smtp_tls_chain_files",
    "smtp_tls_servername",
    "smtp_starttls_timeout",
    "smtp_tls_policy_maps",
    "smtp_tls_verify_cert_match",
    "smtp_tls_secure_cert_match",
    "smtp_tls_fingerprint_cert_match",
    "tls_server_sni_maps",
    "tls_high_cipherlist",
    "myhostname",
    "inet_interfaces",
    "inet_protocols",
    "mynetworks",
    "tls_something_new"};

TEST_F(NothingIsDropped, OfMainCf) {
    for (const auto& name : postfix_parameters)
        for (const auto* value : {"", "yes", "encrypt", "/x", "$unknown"})
            for (const auto* other : {"", "smtp_tls_security_level = secure\nsmtpd_tls_security_level = encrypt\n"}) {
                if (std::string_view(other).find(name + " ") != std::string_view::npos) continue;
                const auto text = fmt::format("# first\n{} = {}\n{}", name, value, other);
                write("main.cf", text);
                write("master.cf", "smtp inet n - y - - smtpd\n");
                const auto result = migrated(migrate_postfix, directory_.path());
                EXPECT_TRUE(told(result, 2, name)) << text << render(result.report);
            }
}

TEST_F(NothingIsDropped, OfMasterCf) {
    write("main.cf", "");
    for (const auto& name : postfix_parameters)
        for (const auto* value : {"", "yes", "encrypt", "/x"}) {
            const auto text =
                fmt::format("smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\n  -o {}={}\n", name, value);
            write("master.cf", text);
            const auto result = migrated(migrate_postfix, directory_.path());
            EXPECT_TRUE(told(result, 2, "-o " + name)) << text << render(result.report);
        }
}

TEST_F(NothingIsDropped, OfServicesThatAreNoneOfPostfix) {
    write("main.cf", "");
    write("master.cf",
          "pickup unix n - y 60 1 pickup\nscan unix - - n - - smtp\nsmtp unix - - y - - smtp -v\n/run/x unix - - - - - "
          "smtpd\n");
    const auto result = migrated(migrate_postfix, directory_.path());
    EXPECT_FALSE(told(result, 1, ""));
    for (const std::uint32_t line : {2U, 3U, 4U}) EXPECT_TRUE(told(result, line, "")) << line;
}

TEST_F(NothingIsDropped, NamesDoNotBecomeCode) {
    const auto conf =
        write("e\n; evil(); .conf",
              "ESMTP_Listener { Listen \"x\nlet y = 1; :26\" { Enable = false }\n"
              "Listen \"0.0.0.0:27\" { Enable = false } }\nbinding \"\\\"] = #{}; evil(); //\" { tls = no }\n");
    const auto result = migrated(migrate_momentum, conf);
    ASSERT_EQ(result.files.size(), 2U);
    for (const auto& file : result.files) EXPECT_EQ(file.text.find("\n; evil"), std::string::npos) << file.text;
    EXPECT_EQ(result.files[0].text.find("let y"), std::string::npos);
    EXPECT_NE(result.files[1].text.find("binding[\"\\\"] = #{}; evil(); //\"]"), std::string::npos)
        << result.files[1].text;
}

}  // namespace

}  // namespace sluice::migrate
