// What the server does x where x to how many recipients, with and without PIPELINING, over SMTP and LMTP: the result of
// every recipient.
#include <array>

#include "tests/unit/engine_smtp_client/client_fixture.hpp"

namespace sluice::smtp_client {
namespace {

enum class Act { good, refuse_4, refuse_5, say_421, cut, silent, garbage };
constexpr std::array kActs = {Act::good, Act::refuse_4, Act::refuse_5, Act::say_421,
                              Act::cut,  Act::silent,   Act::garbage};

// Where, as the event of the script.
const std::array<std::string, 6> kPlaces = {"greeting", "EHLO", "MAIL", "RCPT", "DATA", "."};

enum class Shape {
    one,          // one recipient
    all_refused,  // two: the first is refused, the second too unless the act is at RCPT
    mixed,        // three: the second is refused
};
constexpr std::array kShapes = {Shape::one, Shape::all_refused, Shape::mixed};

std::string name_of(Act act) {
    constexpr std::array names = {"good", "4xx", "5xx", "421", "cut", "silent", "garbage"};
    return names[static_cast<std::size_t>(act)];
}

struct Expected {
    Kind kind;
    std::string status;
    Command command;
    Cause cause;
    bool operator==(const Expected&) const = default;
};

void PrintTo(const Expected& each, std::ostream* out) {
    *out << static_cast<int>(each.kind) << " " << each.status << " " << to_string(each.command) << " cause "
         << static_cast<int>(each.cause);
}

const Expected kDelivered{Kind::delivered, "2.0.0", Command::final_dot, Cause::reply};
const Expected kRefused{Kind::permanent, "5.1.1", Command::rcpt, Cause::reply};

// What an act means for those it is meant for.
Expected meaning(Act act, Command command) {
    switch (act) {
        case Act::good: return kDelivered;
        case Act::refuse_4: return {Kind::temporary, "4.7.1", command, Cause::reply};
        case Act::refuse_5: return {Kind::permanent, "5.7.1", command, Cause::reply};
        case Act::say_421: return {Kind::temporary, "4.3.2", command, Cause::reply};
        case Act::cut: return {Kind::temporary, "4.4.2", command, Cause::connection_lost};
        case Act::silent: return {Kind::temporary, "4.4.2", command, Cause::timeout};
        case Act::garbage: return {Kind::temporary, "4.5.0", command, Cause::garbage};
    }
    return kDelivered;
}

std::string said(Act act, const std::string& place) {
    switch (act) {
        case Act::refuse_4: return "450 4.7.1 not now";
        case Act::refuse_5: return "550 5.7.1 not you";
        case Act::say_421: return "421 4.3.2 going down";
        case Act::cut: return kCut;
        case Act::silent: return kSilent;
        default: return place == "DATA" ? "250 what?" : "354 what?";  // a reply that is none there
    }
}

struct Case {
    Protocol protocol;
    bool pipelined;
    Act act;
    std::string place;
    Shape shape;
};

bool ends_connection(Act act) { return act != Act::good && act != Act::refuse_4 && act != Act::refuse_5; }

std::vector<Expected> expectation(const Case& c) {
    const auto command_of = [&] {
        constexpr std::array commands = {Command::greeting, Command::ehlo, Command::mail,
                                         Command::rcpt,     Command::data, Command::final_dot};
        return commands[static_cast<std::size_t>(std::find(kPlaces.begin(), kPlaces.end(), c.place) - kPlaces.begin())];
    };
    const Expected acted = meaning(c.act, command_of());
    const bool good = c.act == Act::good;
    if (c.shape == Shape::one) return {acted};
    const bool before_rcpt = c.place == "greeting" || c.place == "EHLO" || c.place == "MAIL";
    if (before_rcpt && !good) return std::vector<Expected>(c.shape == Shape::mixed ? 3 : 2, acted);
    if (c.shape == Shape::all_refused) return {kRefused, c.place == "RCPT" ? acted : kRefused};
    if (c.place == "RCPT") return {ends_connection(c.act) ? acted : kDelivered, kRefused, acted};
    // With LMTP the act is that of the last recipient only.
    const bool one_each = c.place == "." && c.protocol == Protocol::lmtp;
    return {one_each ? kDelivered : acted, kRefused, acted};
}

Script script_of(const Case& c, int last_rcpt) {
    Script script;
    script.protocol = c.protocol;
    if (!c.pipelined) script.offers = {"ENHANCEDSTATUSCODES"};
    const std::string last = "<r" + std::to_string(last_rcpt) + "@";
    script.answer = [c, last, mails = 0](std::string_view event, int nth,
                                         std::string_view line) mutable -> std::optional<std::string> {
        if (event == "MAIL") ++mails;
        if (mails > 1) return std::nullopt;
        const bool acted_on = event == "RCPT" ? line.find(last) != std::string_view::npos
                              : event == "."  ? nth == (c.protocol == Protocol::lmtp && c.shape == Shape::mixed ? 1 : 0)
                                              : nth == 0;
        const bool here = event == c.place || (event == "HELO" && c.place == "EHLO");
        if (here && acted_on && c.act != Act::good) return said(c.act, c.place);
        const bool first = line.find("<r0@") != std::string_view::npos;
        const bool second = line.find("<r1@") != std::string_view::npos;
        const bool spared = c.place == "RCPT" && acted_on;
        const bool refused = c.shape == Shape::mixed ? second : c.shape == Shape::all_refused && (first || second);
        if (event == "RCPT" && refused && !spared) return "550 5.1.1 unknown";
        return std::nullopt;
    };
    return script;
}

Options options_of(const Case& c) {
    Options options = clear_options(c.protocol);
    if (c.act != Act::silent) return options;
    constexpr auto soon = std::chrono::milliseconds(100);
    Timeouts& t = options.timeouts;
    (c.place == "greeting" ? t.greeting
     : c.place == "EHLO"   ? t.ehlo
     : c.place == "MAIL"   ? t.mail
     : c.place == "RCPT"   ? t.rcpt
     : c.place == "DATA"   ? t.data
                           : t.final_dot) = soon;
    return options;
}

class OutcomeMatrix : public ClientTest {
  protected:
    void check(const Case& c) {
        SCOPED_TRACE((c.protocol == Protocol::lmtp ? "LMTP" : "SMTP") + std::string(c.pipelined ? " pipelined " : " ") +
                     name_of(c.act) + " at " + c.place + ", shape " + std::to_string(static_cast<int>(c.shape)));
        const int count = c.shape == Shape::one ? 1 : c.shape == Shape::mixed ? 3 : 2;
        std::vector<std::string> names;
        for (int i = 0; i < count; ++i) names.push_back("r" + std::to_string(i) + "@there.test");
        const OwnMail own(names, {kText});
        const Outcome outcome = deliver(script_of(c, count - 1), options_of(c), own.mail);

        const bool fails_to_open = c.act != Act::good && (c.place == "greeting" || c.place == "EHLO");
        ASSERT_EQ(outcome.failure.has_value(), fails_to_open);
        Results results = outcome.results;
        ASSERT_EQ(results.size(), own.mail.recipients.size());
        if (fails_to_open) {
            EXPECT_TRUE(outcome.failure->another_host);
            for (const RecipientResult& each : results) EXPECT_EQ(each.kind, Kind::temporary);
            results.assign(results.size(), outcome.failure->result);
        }
        std::vector<Expected> actual;
        for (const RecipientResult& each : results) {
            actual.push_back({each.kind, each.status, each.command, each.cause});
            EXPECT_FALSE(each.text.empty());
            EXPECT_EQ(each.maybe_delivered(), each.text.find("may have been delivered") != std::string::npos);
        }
        EXPECT_EQ(actual, expectation(c));
        check_afterwards(c, outcome, fails_to_open);
    }

    void check_afterwards(const Case& c, const Outcome& outcome, bool fails_to_open) {
        // The act is never met if nobody was accepted and DATA not sent.
        const bool met = c.shape != Shape::all_refused || (c.place != "." && (c.place != "DATA" || c.pipelined));
        const bool over = fails_to_open || (met && ends_connection(c.act));
        EXPECT_EQ(outcome.reusable, !over);
        if (over) return;
        ASSERT_EQ(outcome.second.size(), 1u);
        EXPECT_EQ(outcome.second[0].kind, Kind::delivered) << outcome.second[0].text;
        ASSERT_FALSE(server().mails.empty());
        EXPECT_EQ(server().mails.back().content, "again\r\n");
        EXPECT_EQ(server().mails.back().rcpts.size(), 1u);
        EXPECT_EQ(server().commands.back(), "QUIT");
    }
};

TEST_F(OutcomeMatrix, EveryRecipientHasItsResult) {
    int cases = 0;
    for (const Protocol protocol : {Protocol::smtp, Protocol::lmtp}) {
        for (const bool pipelined : {false, true}) {
            for (const Act act : kActs) {
                for (const std::string& place : kPlaces) {
                    for (const Shape shape : kShapes) {
                        check({protocol, pipelined, act, place, shape});
                        ++cases;
                    }
                }
            }
        }
    }
    EXPECT_EQ(cases, 2 * 2 * 7 * 6 * 3);
}

}  // namespace
}  // namespace sluice::smtp_client
