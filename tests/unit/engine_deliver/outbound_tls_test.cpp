// What `sluice check` says about TLS of delivery, and what connections get of files.
#include "engine/deliver/outbound_tls.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace sluice::deliver {
namespace {

using tls_policy::Keys;
using tls_policy::Mode;
using tls_policy::Scopes;
using tls_policy::Verify;

std::string codes(const Scopes& scopes, bool validating = true) {
    std::string text;
    for (const auto& problem : OutboundTls(scopes, validating).check())
        text += (text.empty() ? "" : " ") + problem.code;
    return text;
}

Keys with_mode(Mode mode, bool floor = false) {
    Keys keys;
    keys.mode = mode;
    keys.floor = floor;
    return keys;
}

TEST(OutboundTlsCheck, SaysNothingWhereNothingIsConfigured) { EXPECT_EQ(codes({}, false), ""); }

TEST(OutboundTlsCheck, PinsAreNeeded) {
    Scopes scopes;
    scopes.domains["bank.fi"].verify = Verify::pin;
    EXPECT_EQ(codes(scopes), "T0190");
    scopes.domains["bank.fi"].pins = {"sha256:" + std::string(64, 'a')};
    EXPECT_EQ(codes(scopes), "");
}

TEST(OutboundTlsCheck, AKeyNeedsItsCertificate) {
    Scopes scopes;
    scopes.bindings["b"].keys.private_key = "/nowhere/key.pem";
    EXPECT_EQ(codes(scopes), "T0191");
}

TEST(OutboundTlsCheck, DaneNeedsProof) {
    Scopes scopes;
    scopes.domains["bank.fi"] = with_mode(Mode::dane_only);
    EXPECT_EQ(codes(scopes, true), "");
    EXPECT_EQ(codes(scopes, false), "T0192 T0194");
    scopes.domains["bank.fi"] = {};
    scopes.domains["bank.fi"].dane = tls_policy::Extra::require;
    EXPECT_EQ(codes(scopes, false), "T0192 T0194");
    scopes.domains.clear();
    scopes.global.dane = tls_policy::Extra::off;
    EXPECT_EQ(codes(scopes, false), "");
}

TEST(OutboundTlsCheck, ListsBindingsThatWeakenADomain) {
    Scopes scopes;
    scopes.domains["bank.fi"] = with_mode(Mode::required);
    scopes.bindings["bulk"].keys.mode = Mode::none;
    EXPECT_EQ(codes(scopes), "T0193");
    scopes.domains["bank.fi"].floor = true;
    EXPECT_EQ(codes(scopes), "");
}

TEST(OutboundTlsCheck, FilesAndListsOfEveryScope) {
    Scopes scopes;
    scopes.groups["g"].bindings["b"].domains["bank.fi"].ca = "/nowhere/ca.pem";
    EXPECT_NE(codes(scopes), "");
    scopes = {};
    scopes.domains[".gov.example"].ciphers = "NORMAL";
    EXPECT_EQ(codes(scopes), "T0143");
    scopes = {};
    scopes.global.protocol_version = tls_policy::Strings{"TLSv9"};
    EXPECT_EQ(codes(scopes), "T0130");
}

TEST(OutboundTlsMaterial, IsMadeOnceForEqualPolicies) {
    Scopes scopes;
    scopes.domains["a.test"].groups = tls_policy::Strings{"P-256"};
    const OutboundTls tls(scopes, true);
    const auto first = tls.material(resolve(scopes, "b.test", ""));
    const auto second = tls.material(resolve(scopes, "c.test", ""));
    const auto other = tls.material(resolve(scopes, "a.test", ""));
    EXPECT_EQ(first.error, "");
    EXPECT_TRUE(first.context);
    EXPECT_EQ(first.context, second.context);
    EXPECT_NE(first.context, other.context);
}

TEST(OutboundTlsMaterial, ABrokenFileIsTriedAgain) {
    const test::TemporaryDirectory directory;
    Scopes scopes;
    scopes.global.ca = (directory.path() / "ca.pem").string();
    const OutboundTls tls(scopes, true);
    EXPECT_NE(tls.material(resolve(scopes, "a.test", "")).error, "");
    EXPECT_NE(tls.material(resolve(scopes, "a.test", "")).error, "");
}

}  // namespace
}  // namespace sluice::deliver
