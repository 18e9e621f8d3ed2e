// Who is told of refusals, and of what.
#include "engine/filter/refusal.hpp"

#include "tests/unit/engine_filter/stage_fixture.hpp"

namespace sluice::filter::test {

namespace {

class RefusalList final : public RefusalWatch {
  public:
    void refused(const smtp::SessionFacts&, const smtp::Transaction* transaction,
                 const Refusal& refusal) noexcept override {
        text += describe(refusal.verdict) + " " + std::string(refusal.script) + " " + std::string(refusal.rule) +
                (transaction ? " with a transaction" : "");
        if (refusal.reply) text += " <" + std::to_string(refusal.reply->code) + ">";
        if (!refusal.failure.empty()) text += " failed";
        for (const auto& fact : refusal.facts) text += " " + fact.call + "=" + fact.result;
        text += "\n";
    }
    std::string text;
};

class Refusals : public StageFixture {
  protected:
    void SetUp() override {
        StageFixture::SetUp();
        refusals_ = &list_;
    }
    std::string told(smtp::Stage stage, const std::string& statements) {
        list_.text.clear();
        (void)run(stage, statements);
        return list_.text;
    }
    RefusalList list_;
};

using smtp::Stage;

}  // namespace

TEST_F(Refusals, NobodyIsToldOfWhatIsNotRefused) {
    for (const auto* status : {"next", "accept", "faccept"})
        EXPECT_EQ(told(Stage::mail, "ctx::helo(); state::" + std::string(status) + "()"), "") << status;
}

TEST_F(Refusals, DeniedFailedQuarantined) {
    EXPECT_EQ(told(Stage::connect, "state::deny(code(550, \"5.7.1\", \"no\"))"),
              "deny 550 5.7.1 no filter.vsl r <550>\n");
    EXPECT_EQ(told(Stage::mail, "state::deny()"), "deny filter.vsl r with a transaction <554>\n");
    EXPECT_EQ(told(Stage::mail, "throw 1"), "failed filter.vsl r with a transaction <451> failed\n");
    EXPECT_EQ(told(Stage::helo, "state::quarantine(\"odd\")"), "quarantine odd filter.vsl r\n");
}

TEST_F(Refusals, TheFactsThatWereReadOnce) {
    EXPECT_EQ(told(Stage::helo, "ctx::helo(); ctx::helo(); ctx::client_ip(); state::deny()"),
              "deny filter.vsl r <554> ctx::client_ip()=\"192.0.2.7\" ctx::helo()=\"client.test\"\n");
}

}  // namespace sluice::filter::test
