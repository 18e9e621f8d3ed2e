// `x in LIST` gives the same by look-up (frozen list) and by search (a list that is not frozen), for every kind of list
// and of item.
#include <gtest/gtest.h>

#include <string>

#include "dsl/lib/library.hpp"
#include "dsl/lib/network_trie.hpp"
#include "dsl/tools/session.hpp"
#include "dsl/value/membership.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl {
namespace {

const char* const lists[] = {
    R"(["a", "bb", "a string longer than any short one", "", "c"])",
    "[1, 2, 3, -7, 9223372036854775807, 0]",
    R"([rg4("10.0.0.0/8"), rg4("10.1.0.0/16"), rg4("192.0.2.128/25"), rg6("2001:db8::/32"), rg4("203.0.113.7/32")])",
    R"([fqdn("example.com"), fqdn("Example.ORG"), fqdn("xn--bcher-kva.example"), fqdn("a.b.c.d")])",
    R"([address("a@example.com"), address("B@Example.org"), address("c@xn--bcher-kva.example"), address("d@d.test")])",
    R"([regex("^a"), regex("example\\.com$"), regex("[0-9]{3}"), regex("(?i)spam")])",
    R"([1, "a", 2.0, 'c', true])",
    R"([rg4("10.0.0.0/8"), "10.1.2.3", ip4("192.0.2.1"), fqdn("example.com")])",
};

const char* const items[] = {
    R"("a")",
    R"("")",
    R"("bb")",
    R"("c")",
    "'c'",
    "'a'",
    R"("a string longer than any short one")",
    "1",
    "-7",
    "5",
    "2.0",
    "1.5",
    "9223372036854775807",
    "()",
    "true",
    "[1]",
    "#{}",
    "1..3",
    R"("10.1.2.3")",
    R"("192.0.2.127")",
    R"("192.0.2.128")",
    R"("203.0.113.7")",
    R"("203.0.113.6")",
    R"("10.0.0.0/8")",
    R"("10.0.0.0/7")",
    R"("10.200.0.0/24")",
    R"("2001:db8:1::1")",
    R"("2001:db9::1")",
    R"("::1")",
    R"(ip4("10.9.9.9"))",
    R"(ip4("11.0.0.1"))",
    R"(ip6("2001:db8::5"))",
    R"(rg4("10.1.2.0/24"))",
    R"(rg4("192.0.2.0/24"))",
    R"(rg6("2001:db8::/32"))",
    R"("example.com")",
    R"("EXAMPLE.com.")",
    R"("bücher.example")",
    R"(fqdn("example.org"))",
    R"(fqdn("other.org"))",
    R"("a@example.com")",
    R"("A@example.com")",
    R"("a@EXAMPLE.com")",
    R"(address("b@example.org"))",
    R"(address("B@EXAMPLE.ORG"))",
    R"("c@bücher.example")",
    R"("abc")",
    R"("x 123")",
    R"("SpAm")",
    R"(regex("^a"))",
    R"(regex("zzz"))",
    R"(identifier("a"))",
};

const NativeTable& library() {
    static const NativeTable table = [] {
        NativeTable t;
        lib::add_base(t);
        lib::add_objects(t);
        return t;
    }();
    return table;
}

struct Evaluated {
    explicit Evaluated(const std::string& script) {
        tools::Session session(library(), Limits{});
        Diagnostics diagnostics;
        loaded = session.compile("test", script, false, false, diagnostics);
        EXPECT_TRUE(loaded.program) << script;
        if (const auto error = session.run(loaded, value)) ADD_FAILURE() << script << ": " << error->message;
    }
    tools::Loaded loaded;
    Value value;
};

std::string answer(const Value& list, const Value& item) {
    bool found = false;
    if (const auto error = contains(list, item, found)) return "! " + error->message;
    return found ? "yes" : "no";
}

TEST(Membership, TheIndexAnswersAsTheSearch) {
    for (const auto* list_text : lists) {
        Evaluated searched(std::string("let l = ") + list_text + "; l.push(l[0]); l.pop(); l");
        Evaluated indexed(list_text);
        indexed.loaded.globals->frozen.freeze(indexed.value);
        ASSERT_FALSE(searched.value.as_array().index);
        for (const auto* item_text : items) {
            Evaluated item(item_text);
            EXPECT_EQ(answer(indexed.value, item.value), answer(searched.value, item.value))
                << item_text << " in " << list_text;
        }
    }
}

TEST(Membership, ListsOfOneKindHaveAnIndex) {
    for (std::size_t i = 0; i < std::size(lists); ++i) {
        Evaluated indexed(lists[i]);
        indexed.loaded.globals->frozen.freeze(indexed.value);
        EXPECT_EQ(indexed.value.as_array().index != nullptr, i < 6) << lists[i];
    }
}

TEST(Membership, ManyNetworks) {
    lib::NetworkTrie trie;
    std::vector<lib::IpNetwork> networks;
    for (int i = 0; i < 400; ++i) {
        const auto text = std::to_string(i * 37 % 223 + 1) + "." + std::to_string(i * 91 % 256) + "." +
                          std::to_string(i * 13 % 256) + ".0/" + std::to_string(8 + i * 7 % 25);
        networks.push_back(*lib::IpNetwork::parse(text));
        trie.add(networks.back());
    }
    std::uint32_t x = 1;
    for (int i = 0; i < 20'000; ++i) {
        x = x * 1664525 + 1013904223;
        lib::IpNetwork item;
        for (int b = 0; b < 4; ++b)
            item.address.bytes[static_cast<std::size_t>(b)] = static_cast<std::uint8_t>(x >> (8 * b));
        item.prefix = i % 33;
        bool address = false;
        bool network = false;
        for (const auto& one : networks) {
            address = address || one.contains(item.address);
            network = network || one.contains(item);
        }
        ASSERT_EQ(trie.contains(item.address), address);
        ASSERT_EQ(trie.contains(item), network);
    }
}

}  // namespace
}  // namespace sluice::dsl
