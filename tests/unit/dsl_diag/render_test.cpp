#include "dsl/diag/render.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sluice::dsl {

namespace {

Diagnostic sample(std::string text, Span span, std::string message = "said", std::string hint = "do") {
    return {Code::assignment_in_condition, std::make_shared<SourceFile>("f.vsl", std::move(text)), span,
            std::move(message), std::move(hint)};
}

// The two lines with the quoted text and the marker.
std::string quoted(const Diagnostic& d, std::uint32_t width = 160) {
    const std::string all = render(d, {.color = false, .max_width = width});
    const auto first = all.find('\n') + 1;
    const auto second = all.find('\n', first) + 1;
    return all.substr(first, all.find('\n', second) - first);
}

TEST(Render, Terminal) {
    EXPECT_EQ(render(sample("let a = 1;\nif x = 1 { }\n", {16, 17})),
              "f.vsl:2:6: error[E0060]: said\n"
              "    2 | if x = 1 { }\n"
              "      |      ^\n"
              "      = hint: do\n");
}

TEST(Render, GeneralTextAndNoFile) {
    const Diagnostic d{Code::variable_expected, nullptr, {}, {}, {}};
    EXPECT_EQ(render(d), "error[E0034]: a name is missing\n");
}

TEST(Render, Color) {
    const std::string text = render(sample("abc", {1, 2}), {.color = true});
    EXPECT_EQ(text,
              "\x1b[1mf.vsl:1:2:\x1b[0m \x1b[1;31merror[E0060]:\x1b[0m \x1b[1msaid\x1b[0m\n"
              "    1 | abc\n"
              "      |  \x1b[1;31m^\x1b[0m\n"
              "      = hint: do\n");
}

TEST(Render, MarkerCoversTheSpan) {
    EXPECT_EQ(quoted(sample("one two three", {4, 7})), "    1 | one two three\n      |     ^^^");
    EXPECT_EQ(quoted(sample("one", {3, 3})), "    1 | one\n      |    ^");    // after the last character
    EXPECT_EQ(quoted(sample("one\n", {3, 4})), "    1 | one\n      |    ^");  // the line break
    EXPECT_EQ(quoted(sample("one\r\n", {3, 5})), "    1 | one\n      |    ^");
    EXPECT_EQ(quoted(sample("", {0, 0})), "    1 | \n      | ^");
    EXPECT_EQ(quoted(sample("a [1,\n2] b", {2, 8})), "    1 | a [1,\n      |   ^^^");  // as far as the first line goes
}

TEST(Render, TabsAreRepeatedAndScalarsCountOne) {
    EXPECT_EQ(quoted(sample("\tif\tx", {4, 5})), "    1 | \tif\tx\n      | \t  \t^");
    EXPECT_EQ(quoted(sample("\"h\xC3\xA9\xF0\x9F\x93\xA7\" x", {10, 11})),
              "    1 | \"h\xC3\xA9\xF0\x9F\x93\xA7\" x\n      |       ^");
    EXPECT_EQ(quoted(sample("\xC3\xA9\xC3\xA9", {0, 4})), "    1 | \xC3\xA9\xC3\xA9\n      | ^^");
}

TEST(Render, NothingReachesTheTerminalUnfiltered) {
    EXPECT_EQ(quoted(sample("a\x1b[31mb", {0, 1})), "    1 | a\xEF\xBF\xBD[31mb\n      | ^");
    EXPECT_EQ(quoted(sample("a\xFF\xC2\x9B"
                            "b",
                            {4, 5})),
              "    1 | a\xEF\xBF\xBD\xEF\xBF\xBD"
              "b\n      |    ^");
    EXPECT_NE(render(sample("x", {0, 1}, "m\x1b[0m")).find("m\xEF\xBF\xBD[0m"), std::string::npos);
}

TEST(Render, LongLinesAreCut) {
    const std::string line = std::string(300, 'a') + "XY" + std::string(300, 'b');
    EXPECT_EQ(quoted(sample(line, {300, 302}), 20), "    1 | … aaaaaaaaaaXYbbbbbbbb …\n      |             ^^");
    EXPECT_EQ(quoted(sample(line, {0, 1}), 10), "    1 | aaaaaaaaaa …\n      | ^");
    EXPECT_EQ(quoted(sample(line, {602, 602}), 10), "    1 | … bbbbb\n      |        ^");
    EXPECT_EQ(quoted(sample(line, {0, 602}), 10), "    1 | aaaaaaaaaa …\n      | ^^^^^^^^^^");
}

TEST(Render, Json) {
    EXPECT_EQ(render_json({}), "[]");
    EXPECT_EQ(render_json({sample("a\n\xC3\xA9 = \"1\"", {2, 6}, "say \"x\"\n\x01", "tab\t\\")}),
              R"([{"code":"E0060","kind":"BadInput","severity":"error","file":"f.vsl","line":2,"column":1,)"
              R"("end_line":2,"end_column":4,"message":"say \"x\"\n\u0001","hint":"tab\t\\"}])");
    const Diagnostic none{Code::variable_expected, nullptr, {}, {}, {}};
    EXPECT_EQ(render_json({none, none}).find(R"("file":"","line":0,"column":0)"), 62U);
}

TEST(Diagnostics, CollectsAndCountsErrors) {
    Diagnostics all;
    EXPECT_FALSE(all.has_errors());
    all.add(Code::missing_comma, nullptr, {});
    all.add(sample("x", {}));
    EXPECT_EQ(all.errors(), 2U);
    EXPECT_EQ(all.all().size(), 2U);
}

TEST(Diagnostics, CodesAreUniqueAndHaveTexts) {
    std::set<std::string_view> codes;
    std::set<std::string_view> names;
#define SLUICE_DIAGNOSTIC(id, number, severity_, kind_, text_, hint_)                               \
    EXPECT_TRUE(codes.insert(number).second) << "code used twice: " << (number);                    \
    EXPECT_TRUE(names.insert(#id).second) << "name used twice: " << #id;                            \
    EXPECT_FALSE(Severity::severity_ == Severity::error && std::string_view(text_).empty()) << #id; \
    EXPECT_EQ(info(Code::id).code, number);                                                         \
    EXPECT_EQ(info(Code::id).name, #id);
#include "dsl/diag/diagnostics.def"
#undef SLUICE_DIAGNOSTIC
}

TEST(DidYouMean, NearestWithinAThird) {
    const std::vector<std::string_view> words{"client_ip", "helo", "mail_from", "rcpt", "state", "stage"};
    EXPECT_EQ(did_you_mean("cleint_ip", words), "client_ip");  // two neighbours exchanged
    EXPECT_EQ(did_you_mean("mailfrom", words), "mail_from");
    EXPECT_EQ(did_you_mean("hello", words), "helo");
    EXPECT_EQ(did_you_mean("stae", words), "state");
    EXPECT_EQ(did_you_mean("xy", words), "");
    EXPECT_EQ(did_you_mean("completely", words), "");
    EXPECT_EQ(did_you_mean("", words), "");
    EXPECT_EQ(did_you_mean("helo", {}), "");
    EXPECT_EQ(did_you_mean("stat", {"start", "state"}), "start");  // equally near: the first
}

}  // namespace

}  // namespace sluice::dsl
