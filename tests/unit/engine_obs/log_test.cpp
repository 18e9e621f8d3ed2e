#include "engine/obs/log.hpp"

#include <gmock/gmock.h>

#include "tests/support/eventually.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/text_of.hpp"

namespace sluice::obs::test {

namespace {

using sluice::test::eventually;
using sluice::test::text_of;

class LogTest : public testing::Test {
  protected:
    std::unique_ptr<Log> open(const LogSettings& settings) {
        auto opened = Log::open(settings);
        EXPECT_TRUE(opened.log) << opened.error;
        return std::move(opened.log);
    }
    // Without the times.
    std::string text(const char* file) const {
        std::string all = text_of(directory_ / file);
        std::string out;
        for (std::size_t at = 0; at < all.size();) {
            const auto end = all.find('\n', at) + 1;
            out += all.substr(at, end - at).substr(30);
            at = end;
        }
        return out;
    }

    sluice::test::TemporaryDirectory directory_{sluice::test::TemporaryDirectory::Where::memory};
    const std::string server_ = directory_ / "server.log";
    const std::string app_ = directory_ / "app.log";
};

}  // namespace

TEST_F(LogTest, EachInItsFile) {
    auto log = open({server_, app_, "info"});
    log->event(Level::info, "one");
    log->app(Level::warn, "two", {{"session", "s"}});
    log->flush();
    EXPECT_EQ(text("server.log"), "info one\n");
    EXPECT_EQ(text("app.log"), "warning rule-log text=two session=s\n");
}

TEST_F(LogTest, LevelsBelowTheConfiguredOneAreLeftOut) {
    auto log = open({server_, "", "warn"});
    for (const auto level : {Level::trace, Level::debug, Level::info, Level::warn, Level::error})
        log->event(level, "event");
    EXPECT_FALSE(log->app_enabled(Level::info));
    EXPECT_TRUE(log->app_enabled(Level::warn));
    log.reset();
    EXPECT_EQ(text("server.log"), "warning event\nerror event\n");
}

TEST_F(LogTest, Off) {
    auto log = open({server_, "", "off"});
    EXPECT_FALSE(log->app_enabled(Level::error));
    log->event(Level::error, "event");
    log->flush();
    log.reset();
    EXPECT_EQ(text("server.log"), "");
}

TEST_F(LogTest, OrderStaysWhereBothGoToOneFile) {
    for (const std::string& app : {std::string(), server_, std::string(directory_ / "." / "server.log")}) {
        std::filesystem::remove(server_);
        auto log = open({server_, app, "info"});
        std::string expected;
        for (int i = 0; i < 1000; ++i) {
            log->event(Level::info, "event");
            log->app(Level::info, "rule");
            expected += "info event\ninfo rule-log text=rule\n";
        }
        log.reset();
        EXPECT_EQ(text("server.log"), expected) << app;
    }
}

TEST_F(LogTest, AppendsAndMakesDirectories) {
    const std::string deep = directory_ / "a" / "b" / "log";
    open({deep, "", "info"})->event(Level::info, "one");
    open({deep, "", "info"})->event(Level::info, "two");
    EXPECT_EQ(text("a/b/log"), "info one\ninfo two\n");
}

TEST_F(LogTest, AFileThatCannotBeOpened) {
    std::ofstream(server_) << "in the way";
    const auto opened = Log::open({server_ + "/log", "", "info"});
    EXPECT_EQ(opened.log, nullptr);
    EXPECT_EQ(opened.error, "Failed opening file " + server_ + "/log for writing: Not a directory");
    EXPECT_EQ(Log::open({server_, server_ + "/app", "info"}).log, nullptr);
}

TEST_F(LogTest, AnErrorIsThereWithoutFlush) {
    auto log = open({server_, "", "info"});
    log->event(Level::info, "one");
    log->event(Level::error, "two");
    EXPECT_TRUE(eventually([&] { return text("server.log") == "info one\nerror two\n"; })) << text("server.log");
}

TEST_F(LogTest, AFullDiskIsToldInTheServersLog) {
    auto log = open({server_, "/dev/full", "info"});
    log->app(Level::info, "nowhere");
    const std::string told = "error log-not-written file=/dev/full error=\"No space left on device\"\n";
    EXPECT_TRUE(eventually([&] { return text("server.log") == told; })) << text("server.log");
    log->event(Level::info, "goes on");
    log->flush();
    EXPECT_EQ(text("server.log"), told + "info goes on\n");
}

TEST_F(LogTest, SessionEvents) {
    auto log = open({server_, "", "info"});
    SessionLog sessions(*log);
    smtp::SessionFacts facts;
    facts.id = SessionId::random();
    facts.client = {asio::ip::make_address("192.0.2.7"), 4711};
    sessions.on_event(smtp::SessionEvent::denied, facts, "rcpt");
    sessions.on_event(smtp::SessionEvent::rule_failed, facts, "engine/filter tells it");
    log.reset();
    EXPECT_EQ(text("server.log"),
              "info denied session=" + facts.id.to_string() + " client=192.0.2.7:4711 detail=rcpt\n");
}

}  // namespace sluice::obs::test
