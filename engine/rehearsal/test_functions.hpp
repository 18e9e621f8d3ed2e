// What tests of rules may call besides the base language: a session to play, and what is expected of it.
//
//   session(), session(#{ … })     the client connects (role_reader.hpp has the keys)
//   s.greeting                     the step of the connection
//   s.ehlo("name") s.helo("name") s.starttls() s.starttls(#{ sni: "…" }) s.auth("user", "password")
//   s.mail("a@b") s.rcpt("c@d") s.data("Subject: …\n\n…") s.rset() s.quit() s.say("any command")
//                                  each gives a step (step_value.hpp)
//   step.expect(…)                 expectations.hpp
//   message.header("Subject")      first field of this name in a message of step.messages, without folds; () if none
//   read_file("mail.eml")          a file, relative to the configuration directory
#pragma once

#include <string>

#include "dsl/host/host.hpp"
#include "engine/rehearsal/rehearsed_session.hpp"

namespace sluice::rehearsal {

class TestHost final : public dsl::Host {
  public:
    explicit TestHost(Rehearsal& rehearsal)
        : Host(dsl::Stage::load, rehearsal.configuration().root), rehearsal_(rehearsal) {}

    [[nodiscard]] Rehearsal& rehearsal() noexcept { return rehearsal_; }
    // The text of the expectation that was not met; empty: all were, and an error of the test is the test's own.
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
    void begin_test() { failure_.clear(); }
    [[nodiscard]] dsl::Outcome not_met(dsl::NativeCall& call, std::string text);
    [[nodiscard]] dsl::Outcome call(dsl::HostFunction function, dsl::NativeCall& call) override;

  private:
    Rehearsal& rehearsal_;
    std::string failure_;
};

// The base language, the objects of mail, and the above.
[[nodiscard]] const dsl::NativeTable& test_library();

}  // namespace sluice::rehearsal
