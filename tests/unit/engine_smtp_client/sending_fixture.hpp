// Sends mails to servers that differ in what they offer.
#pragma once

#include <algorithm>

#include "tests/unit/engine_smtp_client/client_fixture.hpp"

namespace sluice::smtp_client {

class Sending : public ClientTest {
  protected:
    static Script offering(std::vector<std::string> offers) {
        Script script;
        script.offers = std::move(offers);
        return script;
    }
    // The result of one mail for one recipient; nothing else may have been sent if it is refused before.
    RecipientResult send_one(const Script& script, const Mail& mail, const Options& options = clear_options()) {
        const Outcome outcome = deliver(script, options, mail);
        EXPECT_FALSE(outcome.failure);
        EXPECT_EQ(outcome.results.size(), 1u);
        EXPECT_TRUE(outcome.reusable);
        return outcome.results.at(0);
    }
    bool was_sent(const std::string& begin) {
        return std::any_of(server().commands.begin(), server().commands.end(),
                           [&](const std::string& line) { return line.starts_with(begin); });
    }
    void expect_refused(const RecipientResult& result, const std::string& status, Cause cause) {
        EXPECT_EQ(result.kind, Kind::permanent);
        EXPECT_EQ(result.status, status);
        EXPECT_EQ(result.cause, cause);
        EXPECT_EQ(result.command, Command::content_check);
        EXPECT_FALSE(result.remote_said());
        EXPECT_FALSE(was_sent("RCPT TO:<a")) << "nothing of a refused mail is sent";
    }
};

inline const std::vector<std::string> kNothing;

}  // namespace sluice::smtp_client
