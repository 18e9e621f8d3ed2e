// How transactions of one MAIL are made, taken back and answered. The table of vsl-rules.md 5.3 itself:
// tests/conformance/tables/transaction_type.txt.
#include "engine/smtp/transactions.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sluice::smtp {
namespace {

// The tree of section 11: example.com and mta.example.com have scripts.
std::optional<std::string> handled(std::string_view domain) {
    static const std::set<std::string, std::less<>> table{"example.com", "mta.example.com", "example.org"};
    std::string name(domain);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (std::string_view rest = name; !rest.empty();) {
        if (table.contains(rest)) return std::string(rest);
        const std::size_t dot = rest.find('.');
        rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
    }
    return std::nullopt;
}

Address address(std::string_view text) { return text.empty() ? Address{} : parse_address(text).value(); }

using enum TransactionType;

TransactionGroup group(std::string_view sender) {
    Transaction base;
    base.id = Uuid::random();
    base.reverse_path = address(sender);
    return TransactionGroup(std::move(base));
}

std::vector<std::string> texts(const Transaction& part) {
    std::vector<std::string> all;
    for (const Recipient& recipient : part.recipients) all.push_back(recipient.address.text);
    return all;
}
using Texts = std::vector<std::string>;

TEST(Group, InternalAndOutgoingAreTwoMessagesInternalFirst) {
    TransactionGroup both = group("a@example.com");
    const Uuid id = both.base().id;
    (void)both.add(address("c@other.net"), handled);
    (void)both.add(address("b@example.com"), handled);
    (void)both.add(address("d@other.net"), handled);
    EXPECT_EQ(both.recipient_count(), 3u);
    const auto parts = both.take_parts();
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[0].type, internal);
    EXPECT_EQ(texts(parts[0]), Texts{"b@example.com"});  // and nothing of the other part
    EXPECT_EQ(parts[1].type, outgoing);
    EXPECT_EQ(texts(parts[1]), (Texts{"c@other.net", "d@other.net"}));
    EXPECT_EQ(parts[1].id, id);  // the first recipient's part keeps the id of MAIL
    EXPECT_NE(parts[0].id, id);
}

TEST(Group, ARefusedRecipientLeavesNoTrace) {
    TransactionGroup some = group("a@other.net");
    const Uuid id = some.base().id;
    some.base().recipients.push_back({.address = address("bcc@archive.test")});
    Transaction& first = some.add(address("x@example.com"), handled);
    first.add_recipient(address("copy@example.com"));  // by a rule, for this recipient
    EXPECT_EQ(first.recipients.size(), 3u);
    some.refuse();
    EXPECT_EQ(some.recipient_count(), 0u);
    Transaction& second = some.add(address("w@example.org"), handled);
    EXPECT_EQ(second.id, id);
    EXPECT_EQ(texts(second), (Texts{"bcc@archive.test", "w@example.org"}));
    (void)some.add(address("v@example.org"), handled);
    some.refuse();
    const auto parts = some.take_parts();
    ASSERT_EQ(parts.size(), 1u);
    EXPECT_EQ(texts(parts[0]), (Texts{"bcc@archive.test", "w@example.org"}));
}

TEST(Group, RulesOfOnePartDoNotShowInAnother) {
    TransactionGroup two = group("a@other.net");
    two.base().headers.push_back("X-Mail: 1\r\n");
    two.add(address("x@example.com"), handled).headers.push_back("X-Com: 1\r\n");
    EXPECT_EQ(two.add(address("w@example.org"), handled).headers, Texts{"X-Mail: 1\r\n"});
}

PartOutcome kept(std::string_view reply = "250 2.0.0 Ok") { return {true, Reply::parse(reply).value()}; }
PartOutcome refused(std::string_view reply) { return {false, Reply::parse(reply).value()}; }

TEST(Combine, WorstCodeWins) {
    struct Case {
        std::vector<PartOutcome> outcomes;
        std::string_view reply;
        bool store;
    };
    const std::vector<Case> cases{
        {{kept()}, "250 2.0.0 Ok\r\n", true},
        {{kept(), kept()}, "250 2.0.0 Ok\r\n", true},
        {{kept("250 a"), kept("250 b")}, "250-a\r\n250 b\r\n", true},
        {{kept(), refused("451 4.3.0 later")}, "451 4.3.0 later\r\n", false},
        {{refused("550 5.7.1 no"), refused("451 4.3.0 later")}, "451 4.3.0 later\r\n", false},
        {{refused("550 5.7.1 no"), refused("554 5.7.1 never")}, "554-5.7.1 no\r\n554 5.7.1 never\r\n", false},
        {{refused("550 no"), refused("550 no")}, "550 no\r\n", false},
        {{refused("550 5.7.1 no"), kept()}, "250 2.0.0 Ok\r\n", true},
        {{refused("250 dropped")}, "250 dropped\r\n", true},
        {{refused("250 dropped"), refused("550 no")}, "250 dropped\r\n", true},
    };
    for (const Case& c : cases) {
        const DataOutcome outcome = combine(c.outcomes);
        EXPECT_EQ(outcome.reply.print(), c.reply);
        EXPECT_EQ(outcome.store, c.store) << c.reply;
    }
}

}  // namespace
}  // namespace sluice::smtp
