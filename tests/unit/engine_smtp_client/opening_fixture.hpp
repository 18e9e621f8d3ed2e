// Opens connections to servers that answer one thing in a way of their own.
#pragma once

#include <algorithm>

#include "tests/unit/engine_smtp_client/client_fixture.hpp"
#include "tests/unit/engine_tls/test_files.hpp"

namespace sluice::smtp_client {

using Strings = std::vector<std::string>;

// Answers one event, each time.
inline auto always(const std::string& event, const std::string& text) {
    return [=](std::string_view at, int, std::string_view) -> std::optional<std::string> {
        if (at == event) return text;
        return std::nullopt;
    };
}

class Opening : public ClientTest {
  protected:
    Outcome open(const Script& script, const Options& options) { return deliver(script, options, own_.mail); }
    bool heard(const std::string& line) {
        return std::find(server().commands.begin(), server().commands.end(), line) != server().commands.end();
    }
    static void expect_delivered(const Outcome& outcome) {
        ASSERT_FALSE(outcome.failure) << outcome.failure->result.text << " " << outcome.failure->detail;
        EXPECT_EQ(outcome.results.at(0).kind, Kind::delivered);
    }
    std::shared_ptr<const tls::ServerSnapshot> certificates() {
        if (certificates_) return certificates_;
        auto loaded = tls::load_with({tls::domain_of("peer.test", {files_.self_signed("peer", {"peer.test"})})});
        EXPECT_TRUE(loaded.snapshot) << tls::texts_of(loaded.problems);
        return certificates_ = loaded.snapshot;
    }
    Script offering_starttls() {
        Script script;
        script.offers = {"PIPELINING", "STARTTLS"};
        script.offers_under_tls = Strings{"PIPELINING", "SIZE 1000"};
        script.certificates = certificates();
        return script;
    }

    OwnMail own_{{"a@there.test"}, {kText}};
    tls::TestFiles files_;
    std::shared_ptr<const tls::ServerSnapshot> certificates_;
};

}  // namespace sluice::smtp_client
