#include "engine/dns/name.hpp"

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"

namespace sluice::dns {
namespace {

std::string repeated(std::string_view piece, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += piece;
    return text;
}

// "ok", or why not.
std::string verdict(const Result<Name, NameError>& name) { return name ? "ok" : std::string(to_string(name.error())); }

TEST(NameTest, TakesWhatMailAsksFor) {
    for (const char* const text : {"example.com", "example.com.", "_25._tcp.mx.example.com.", "a", ".", "*.example",
                                   "user+tag=x/y._spf.example.com", "2.0.0.127.bl.example", "xn--bcher-kva.example"})
        EXPECT_EQ(verdict(Name::parse(text)), "ok") << text;
    EXPECT_EQ(Name::parse("MX.Example.COM.").value().text(), "mx.example.com.");
}

TEST(NameTest, RefusesWhatIsNoName) {
    const std::pair<std::string, NameError> refused[] = {
        {"", NameError::empty},
        {"..", NameError::empty_label},
        {".a", NameError::empty_label},
        {"a..b", NameError::empty_label},
        {"a..", NameError::empty_label},
        {"a b", NameError::character},
        {"a\tb", NameError::character},
        {"a\\b", NameError::character},
        {std::string("a\0b", 3), NameError::character},
        {"b\xc3\xbc"
         "cher.example",
         NameError::character},
        {"a\x7f", NameError::character},
    };
    for (const auto& [text, error] : refused) {
        const auto name = Name::parse(text);
        ASSERT_FALSE(name.ok()) << text;
        EXPECT_EQ(name.error(), error) << text;
    }
}

TEST(NameTest, LengthsAtTheLimitAndOnePast) {
    const std::string label(limits::domain_label, 'a');
    EXPECT_EQ(verdict(Name::parse(label + ".b")), "ok");
    EXPECT_EQ(verdict(Name::parse(label + "a.b")), "has a label of more than 63 characters");
    const std::string longest = repeated(label + '.', 3) + std::string(61, 'b');
    ASSERT_EQ(longest.size(), limits::domain_name);
    EXPECT_EQ(verdict(Name::parse(longest)), "ok");
    EXPECT_EQ(verdict(Name::parse(longest + '.')), "ok");
    EXPECT_EQ(verdict(Name::parse(longest + 'b')), "has more than 253 characters");
}

TEST(NameTest, ULabelsBecomeALabels) {
    EXPECT_EQ(Name::parse_international("B\xc3\xbc"
                                        "cher.example.")
                  .value()
                  .text(),
              "xn--bcher-kva.example.");
    EXPECT_EQ(Name::parse_international("plain.example").value().text(), "plain.example");
    // Non-transitional: the sharp s stays one.
    EXPECT_EQ(Name::parse_international("stra\xc3\x9f"
                                        "e.example")
                  .value()
                  .text(),
              "xn--strae-oqa.example");
    EXPECT_EQ(verdict(Name::parse_international("b\xc3\xbc cher.example")), "has a character that no domain name has");
    EXPECT_EQ(Name::parse_international("\xff\xfe").error(), NameError::not_idna);
    EXPECT_EQ(Name::parse_international("\xe2\x98\x83.example").error(), NameError::not_idna);
}

TEST(NameTest, WireFormMustBeWholeAndEscapesOddOctets) {
    using namespace std::string_literals;
    EXPECT_EQ(Name::from_wire("\2MX\7example\0"s)->text(), "mx.example.");
    EXPECT_EQ(Name::from_wire("\0"s)->text(), ".");
    EXPECT_EQ(Name::from_wire("\4a.\x01\\\0"s)->text(), "a\\046\\001\\092.");
    for (const auto& malformed : {""s, "\2mx"s, "\2m"s, "\1a\0x"s, "\xc0\x0c"s, "\x40"s + std::string(64, 'a') + '\0'})
        EXPECT_FALSE(Name::from_wire(malformed)) << testing::PrintToString(malformed);
    const std::string label = '\x3f' + std::string(63, 'a');
    EXPECT_TRUE(Name::from_wire(label + label + label + '\x3d' + std::string(61, 'b') + '\0'));
    EXPECT_FALSE(Name::from_wire(label + label + label + '\x3e' + std::string(62, 'b') + '\0'));
}

TEST(NameTest, NamesAreJoinedWhileThereIsRoom) {
    const Name host = Name::parse("www").value();
    EXPECT_EQ(host.under(Name::parse("example.com.").value()).value().text(), "www.example.com.");
    EXPECT_EQ(host.under(Name::parse("example.com").value()).value().text(), "www.example.com.");
    EXPECT_EQ(host.under(Name()).value().text(), "www.");
    EXPECT_EQ(Name().under(host).value().text(), "www.");
    const std::string zone = repeated("0123456789abcdefghijklmnopqrstuvwxyz.", 6) + "0123456789abcdefghijklmno";
    ASSERT_EQ(zone.size(), 247u);
    const Name long_zone = Name::parse(zone).value();
    EXPECT_EQ(verdict(Name::parse("12345").value().under(long_zone)), "ok");
    EXPECT_EQ(verdict(Name::parse("123456").value().under(long_zone)), "has more than 253 characters");
}

TEST(NameTest, DotsAreCounted) {
    EXPECT_EQ(Name::parse("a").value().inner_dots(), 0u);
    EXPECT_EQ(Name::parse("a.").value().inner_dots(), 0u);
    EXPECT_EQ(Name::parse("a.b").value().inner_dots(), 1u);
    EXPECT_EQ(Name::parse("a.b.").value().inner_dots(), 1u);
    EXPECT_EQ(Name().inner_dots(), 0u);
    EXPECT_EQ(Name().without_final_dot(), "");
    EXPECT_EQ(Name::parse("a.b.").value().without_final_dot(), "a.b");
}

}  // namespace
}  // namespace sluice::dns
