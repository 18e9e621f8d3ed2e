#include "engine/deliver/pipe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "tests/support/eventually.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::deliver {
namespace {

using namespace std::chrono_literals;
using queue::read_file;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class PipeTest : public ::testing::Test {
  protected:
    // A shell script, and the command that runs it.
    std::string script(const std::string& lines) {
        const auto path = directory_.path() / "program";
        std::ofstream(path) << "#!/bin/sh\n" << lines << "\n";
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path.string();
    }
    Outcome run(const std::string& command, const std::string& address = "joe@example.com") {
        std::optional<Outcome> outcome;
        message_.envelope.recipients = {{address}};
        Pipe pipe(*PipeCommand::parse(command).command, patience_);
        const Attempt attempt{message_.envelope, message_.envelope.recipients[0], prefix_, *message_.body, false};
        asio::co_spawn(
            io_,
            [&]() -> asio::awaitable<void> {
                co_await asio::this_coro::throw_if_cancelled(false);
                outcome = co_await pipe.attempt(attempt, pool_);
            },
            asio::bind_cancellation_slot(stop_.slot(), asio::detached));
        io_.restart();
        io_.run();
        return *outcome;
    }
    Outcome run_script(const std::string& lines) { return run(script(lines)); }
    std::string file(const std::string& name) { return read_file(directory_.path() / name); }
    std::string in_directory(const std::string& name) { return (directory_.path() / name).string(); }

    test::TemporaryDirectory directory_;
    asio::io_context io_;
    asio::cancellation_signal stop_;
    io::BlockingPool pool_{1};
    std::string prefix_ = "Received: x\r\n";
    queue::Message message_ = queue::make_message("Subject: x\r\n\r\none\r\ntwo\r\n");
    PipePatience patience_{.time = 60s, .grace = 60s};
};

TEST_F(PipeTest, TheProgramGetsMessageArgumentsAndEnvironment) {
    const std::string command = script("cat > '" + in_directory("stdin") + "'; env | sort > '" + in_directory("env") +
                                       "'; printf '%s.' \"$@\" > '" + in_directory("args") + "'");
    ::setenv("SLUICE_SECRET", "x", 1);
    EXPECT_EQ(run(command + " -d %u --from=%s $HOME", "\"joe doe\"@Example.com").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(file("stdin"),
              "Return-Path: <sender@example.org>\nDelivered-To: \"joe doe\"@Example.com\nReceived: x\nSubject: "
              "x\n\none\ntwo\n");
    EXPECT_EQ(file("args"), "-d.joe doe.--from=sender@example.org.$HOME.");
    const std::string environment = file("env");
    for (const std::string& line :
         {std::string("SENDER=sender@example.org"), std::string("RECIPIENT=\"joe doe\"@Example.com"),
          std::string("LOCAL_PART=joe doe"), std::string("DOMAIN=example.com"), "QUEUE_ID=" + message_.envelope.id,
          std::string("CLIENT_ADDRESS=192.0.2.1"), std::string("PATH=/usr/local/bin:/usr/bin:/bin"),
          std::string("LANG=C")})
        EXPECT_THAT(environment, HasSubstr(line + "\n"));
    EXPECT_THAT(environment, Not(HasSubstr("SLUICE_SECRET")));
}

TEST_F(PipeTest, ExitStatuses) {
    const struct {
        int code;
        Outcome::Kind kind;
        std::string status;
    } rows[] = {
        {0, Outcome::Kind::delivered, ""},        {64, Outcome::Kind::permanent, "5.3.0"},
        {65, Outcome::Kind::permanent, "5.6.0"},  {66, Outcome::Kind::permanent, "5.3.0"},
        {67, Outcome::Kind::permanent, "5.1.1"},  {68, Outcome::Kind::permanent, "5.1.2"},
        {69, Outcome::Kind::permanent, "5.3.0"},  {70, Outcome::Kind::permanent, "5.3.0"},
        {71, Outcome::Kind::temporary, "4.3.0"},  {72, Outcome::Kind::permanent, "5.3.0"},
        {73, Outcome::Kind::permanent, "5.2.0"},  {74, Outcome::Kind::permanent, "5.3.0"},
        {75, Outcome::Kind::temporary, "4.3.0"},  {76, Outcome::Kind::permanent, "5.5.0"},
        {77, Outcome::Kind::permanent, "5.7.0"},  {78, Outcome::Kind::permanent, "5.3.5"},
        {79, Outcome::Kind::permanent, "5.3.0"},  {63, Outcome::Kind::permanent, "5.3.0"},
        {1, Outcome::Kind::permanent, "5.3.0"},   {126, Outcome::Kind::temporary, "4.3.5"},
        {127, Outcome::Kind::temporary, "4.3.5"}, {255, Outcome::Kind::permanent, "5.3.0"},
    };
    const std::string command = script("exit $1");
    for (const auto& row : rows) {
        const Outcome outcome = run(command + " " + std::to_string(row.code));
        EXPECT_EQ(outcome.kind(), row.kind) << row.code;
        EXPECT_EQ(outcome.status(), row.status) << row.code;
        if (row.code != 0) {
            EXPECT_THAT(outcome.text(), StartsWith(row.status + " " + command + ": "));
        }
    }
    EXPECT_EQ(run(command + " 67").text(), "5.1.1 " + command + ": user unknown");
    EXPECT_EQ(run(command + " 3").text(), "5.3.0 " + command + ": exit status 3");
}

TEST_F(PipeTest, WhatTheProgramSaidIsToldAndItsStatusCounts) {
    EXPECT_THAT(run_script("echo; echo 'no such'; echo 'user here ' >&2; exit 67").text(),
                EndsWith("program: user unknown: no such user here"));
    const Outcome later = run_script("echo 4.2.2 over quota; exit 69");
    EXPECT_EQ(later.kind(), Outcome::Kind::temporary);
    EXPECT_EQ(later.text(), "4.2.2 " + in_directory("program") + ": over quota");
    EXPECT_EQ(run_script("echo 5.2.2; exit 75").text(), "5.2.2 " + in_directory("program") + ": exit status 75");
    for (const char* other : {"5.2 x", "2.0.0 x", "5.2.2x", "5.2.2222 x", "x 5.2.2"})
        EXPECT_EQ(run_script("echo '" + std::string(other) + "'; exit 75").status(), "4.3.0") << other;
    EXPECT_EQ(run_script("printf '%600s\\n5.2.2 x\\n'; exit 75").status(), "4.3.0");
    EXPECT_EQ(run_script("echo 5.2.2 full; exit 0").kind(), Outcome::Kind::delivered);
}

TEST_F(PipeTest, TheDiagnosticIsOneBoundedLine) {
    EXPECT_EQ(Pipe::diagnostic(""), "");
    EXPECT_EQ(Pipe::diagnostic(" \n\x01\x7f\r\n"), "");
    EXPECT_EQ(Pipe::diagnostic("a\r\n\tb\x1b[0m\n"), "a b [0m");
    const std::string full(limits::pipe_diagnostic, 'x');
    EXPECT_EQ(Pipe::diagnostic(full + "\n"), full);
    EXPECT_EQ(Pipe::diagnostic("a" + full), full);
    EXPECT_EQ(Pipe::diagnostic("first\nsecond\n" + std::string(limits::pipe_diagnostic - 10, 'x')),
              "second " + std::string(limits::pipe_diagnostic - 10, 'x'));
}

TEST_F(PipeTest, AMuchTalkingProgramIsReadToItsEnd) {
    const Outcome outcome = run_script(
        "i=0; while [ $i -lt 20000 ]; do echo \"line $i of many, many lines\"; i=$((i+1)); "
        "done; echo the end; exit 67");
    EXPECT_EQ(outcome.status(), "5.1.1");
    EXPECT_THAT(outcome.text(), EndsWith("line 19999 of many, many lines the end"));
    EXPECT_LT(outcome.text().size(), limits::pipe_diagnostic + 200);
}

TEST_F(PipeTest, AProgramNeedNotReadTheMessage) {
    message_.body = std::make_shared<const std::string>(std::string(8'000'000, 'x') + "\r\n");
    EXPECT_EQ(run_script("exit 0").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(run_script("exec <&-; exit 67").status(), "5.1.1");
    EXPECT_EQ(run_script("test $(wc -c) -gt 8000000").kind(), Outcome::Kind::delivered);
}

TEST_F(PipeTest, NobodyChangesTheMessage) {
    EXPECT_EQ(run_script("echo x >&0 2>/dev/null && exit 1; head -n 1 | grep -q Return-Path").kind(),
              Outcome::Kind::delivered);
}

TEST_F(PipeTest, SignalsAreTemporary) {
    for (const std::string name : {"KILL", "SEGV", "TERM", "RTMIN"}) {
        const Outcome outcome = run_script("echo oops; kill -" + name + " $$");
        EXPECT_EQ(outcome.kind(), Outcome::Kind::temporary) << name;
        EXPECT_THAT(outcome.text(), AllOf(StartsWith("4.3.0 "), HasSubstr("ended by signal "), EndsWith(": oops")));
    }
}

TEST_F(PipeTest, WhatCannotBeRunIsTemporary) {
    const Outcome missing = run(in_directory("missing"));
    EXPECT_EQ(missing.kind(), Outcome::Kind::temporary);
    EXPECT_EQ(missing.text(), "4.3.5 cannot run '" + in_directory("missing") + "': No such file or directory");
    std::ofstream(in_directory("text")) << "text";
    EXPECT_EQ(run(in_directory("text")).text(), "4.3.5 cannot run '" + in_directory("text") + "': Permission denied");
}

TEST_F(PipeTest, AnAddressThatIsNotFitFailsForGood) {
    const Outcome outcome = run(script("exit 0") + " %u", "-x@b");
    EXPECT_EQ(outcome.kind(), Outcome::Kind::permanent);
    EXPECT_EQ(outcome.status(), "5.1.3");
}

// --- the end of programs that do not end

constexpr const char* kWithChild = "sleep 1000 & echo $! > $1.tmp; mv $1.tmp $1; ";

// The process that the script wrote down is gone, or about to be (nobody may have waited for it here).
bool ends(const std::string& pid) {
    return test::eventually([&] {
        std::ifstream status("/proc/" + std::to_string(std::stol(pid)) + "/stat");
        std::string text;
        std::getline(status, text);
        return text.empty() || text.find(") Z") != std::string::npos;
    });
}

TEST_F(PipeTest, AtTheTimeLimitTheWholeGroupEnds) {
    patience_ = {.time = 300ms, .grace = 60s};
    const Outcome outcome = run(script(std::string(kWithChild) + "echo waiting; wait") + " " + in_directory("pid"));
    EXPECT_EQ(outcome.kind(), Outcome::Kind::temporary);
    EXPECT_EQ(outcome.text(), "4.3.0 " + in_directory("program") + ": did not end within 0 s: waiting");
    EXPECT_TRUE(ends(file("pid")));
}

TEST_F(PipeTest, WhoIgnoresTheSignalIsKilled) {
    patience_ = {.time = 300ms, .grace = 100ms};
    const Outcome outcome = run(script("trap '' TERM; " + std::string(kWithChild) + "while :; do sleep 1; done") + " " +
                                in_directory("pid"));
    EXPECT_EQ(outcome.status(), "4.3.0");
    EXPECT_TRUE(ends(file("pid")));
}

TEST_F(PipeTest, WhoSaysThatAllIsWellWhenItIsTooLateIsNotBelieved) {
    patience_ = {.time = 300ms, .grace = 60s};
    EXPECT_EQ(run_script("trap 'exit 0' TERM; while :; do sleep 0.05; done").status(), "4.3.0");
}

TEST_F(PipeTest, AtTheStopOfTheServerTheProgramEnds) {
    asio::steady_timer timer(io_);
    std::function<void()> look = [&] {
        timer.expires_after(1ms);
        timer.async_wait([&](error_code) {
            if (!std::filesystem::exists(in_directory("pid"))) return look();
            stop_.emit(asio::cancellation_type::terminal);
        });
    };
    look();
    const Outcome outcome = run(script(std::string(kWithChild) + "wait") + " " + in_directory("pid"));
    EXPECT_EQ(outcome.kind(), Outcome::Kind::temporary);
    EXPECT_EQ(outcome.text(), "4.3.2 " + in_directory("program") + ": ended because the server stops");
    EXPECT_TRUE(ends(file("pid")));
}

TEST_F(PipeTest, AProgramInTheBackgroundHoldsUpNobody) {
    const Outcome outcome = run(script(std::string(kWithChild) + "echo done; exit 67") + " " + in_directory("pid"));
    EXPECT_THAT(outcome.text(), EndsWith("user unknown: done"));
    const pid_t child = std::stoi(file("pid"));
    EXPECT_EQ(::kill(child, 0), 0);
    ::kill(child, SIGKILL);
}

TEST_F(PipeTest, NoOtherDescriptorIsInherited) {
    EXPECT_EQ(run_script("ls /proc/self/fd | wc -l > '" + in_directory("count") + "'").kind(),
              Outcome::Kind::delivered);
    EXPECT_EQ(std::stoi(file("count")), 4);  // the three, and that of ls
}

TEST_F(PipeTest, TheDefaultsAreTheNamedLimits) {
    EXPECT_EQ(PipePatience().time, 1000s);
    EXPECT_EQ(PipePatience().time, limits::pipe_time);
}

}  // namespace
}  // namespace sluice::deliver
