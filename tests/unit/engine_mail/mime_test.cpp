// The MIME walk: structure, spans, limits, and what senders get wrong.
#include "engine/mail/mime.hpp"

#include "tests/unit/engine_mail/texts.hpp"

namespace sluice::mail {
namespace {

// One line a part, indented by depth: type, then the body of a leaf between brackets, "!" if malformed.
std::string tree(const MimeParts& mime) {
    std::string out;
    for (std::size_t i = 0; i < mime.parts.size(); ++i) {
        const Part& part = mime.parts[i];
        const bool leaf = i + 1 == mime.parts.size() || mime.parts[i + 1].parent != i;
        out += times(" ", part.depth) + part.content_type;
        if (leaf) out += " [" + std::string(mime.body(part)) + "]";
        out += part.malformed ? " !\n" : "\n";
    }
    if (mime.truncated == Truncation::depth) out += "too deep\n";
    if (mime.truncated == Truncation::parts) out += "too many\n";
    return out;
}

// Line feeds become CRLF: messages are written with "\n" here.
std::string crlf(std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return out;
}

std::string tree(std::string_view text, const WalkLimits& walk_limits = {}) {
    return tree(parts(message(crlf(text)), walk_limits));
}

constexpr std::string_view mixed = "Content-Type: multipart/mixed; boundary=b\n\n";

TEST(Structure, SinglePart) {
    EXPECT_EQ(tree("Subject: x\n\nbody\n"), "text/plain [body\r\n]\n");
    EXPECT_EQ(tree(""), "text/plain []\n");
    EXPECT_EQ(tree("Content-Type: TEXT/HTML; charset=UTF-8\n\n<p>"), "text/html [<p>]\n");
    EXPECT_EQ(tree("no header\n"), "text/plain [no header\r\n]\n");
    EXPECT_EQ(tree("Content-Type: image\n\nx"), "text/plain [x] !\n");
}

TEST(Structure, Multipart) {
    EXPECT_EQ(
        tree(std::string(mixed) +
             "preamble\n--b\nContent-Type: text/html\n\none\n\n--b  \n\ntwo\n--b--\t\nepilogue\n--b\n\nnot three\n"),
        "multipart/mixed\n text/html [one\r\n]\n text/plain [two]\n");
}

TEST(Structure, NestedMultipartsAndMessages) {
    EXPECT_EQ(tree(std::string(mixed) +
                   "--b\nContent-Type: multipart/alternative; boundary=\"b2\"\n\n"
                   "--b2\n\nplain\n--b2\nContent-Type: text/html\n\nhtml\n--b2--\n\n"
                   "--b\nContent-Type: message/rfc822\n\nSubject: inner\nContent-Type: text/csv\n\na,b\n--b--\n"),
              "multipart/mixed\n multipart/alternative\n  text/plain [plain]\n  text/html [html]\n message/rfc822\n  "
              "text/csv "
              "[a,b]\n");
}

TEST(Structure, BoundaryThatBeginsLikeAnother) {
    EXPECT_EQ(tree(std::string(mixed) +
                   "--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\n1\n--bb--\n--b\n\n2\n--bx\n--b--\n"),
              "multipart/mixed\n multipart/mixed\n  text/plain [1]\n text/plain [2\r\n--bx]\n");
}

TEST(Structure, BoundaryThatEndsWithHyphens) {
    EXPECT_EQ(tree("Content-Type: multipart/mixed; boundary=\"b--\"\n\n--b--\n\n1\n--b--\n\n2\n--b----\nx"),
              "multipart/mixed\n text/plain [1]\n text/plain [2]\n");
}

TEST(Structure, DigestHoldsMessages) {
    EXPECT_EQ(tree("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\none\n--b\nContent-Type: "
                   "text/plain\n\ntwo\n--b--"),
              "multipart/digest\n message/rfc822\n  text/plain [one]\n text/plain [two]\n");
}

struct TreeCase {
    const char* text;
    const char* wanted;
};
class Sloppy : public testing::TestWithParam<TreeCase> {};
TEST_P(Sloppy, GivesSomethingSensible) {
    EXPECT_EQ(tree(std::string(mixed) + GetParam().text), std::string("multipart/mixed") + GetParam().wanted);
}
INSTANTIATE_TEST_SUITE_P(
    Boundaries, Sloppy,
    testing::Values(
        TreeCase{"--b\n\none", "\n text/plain [one]\n"},                       // no end
        TreeCase{"--b\n\none\n--b", "\n text/plain [one]\n text/plain []\n"},  // cut off
        TreeCase{"--b\n\none\n--b--", "\n text/plain [one]\n"},                // no last CRLF
        TreeCase{"--b", "\n text/plain []\n"},                                 //
        TreeCase{"", " []\n"},                                                 //
        TreeCase{"none", " [none]\n"},                                         //
        TreeCase{"--b--\n--b\n\nx", " [--b--\r\n--b\r\n\r\nx]\n"},             // ends at once
        TreeCase{"--b\n--b\n\n--b\n\n\n--b--", "\n text/plain []\n text/plain []\n text/plain []\n"},
        TreeCase{"--b\nX: y\n--b--", "\n text/plain []\n"},              // header only
        TreeCase{"--b\nno field\n--b--", "\n text/plain [no field]\n"},  //
        TreeCase{"--b\n fold\n--b--", "\n text/plain [ fold]\n"},        //
        TreeCase{" --b\n\nx", " [ --b\r\n\r\nx]\n"},                     //
        TreeCase{"--b\nContent-Type: message/rfc822\n--b--", "\n message/rfc822\n  text/plain []\n"},
        TreeCase{"--b\nContent-Type: message/rfc822", "\n message/rfc822\n  text/plain []\n"},
        TreeCase{"--b\nContent-Type: message/rfc822\nno field\n--b--", "\n message/rfc822\n  text/plain [no field]\n"},
        TreeCase{"--b\nContent-Type: multipart/mixed; boundary=c\n--c\n\nx\n--c--\n--b--",  // no empty line
                 "\n multipart/mixed\n  text/plain [x]\n"},
        TreeCase{"--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n--b--",
                 "\n multipart/mixed\n  text/plain []\n"},
        TreeCase{"--b\nContent-Type: multipart/mixed\n\n--b\n\nx\n--b--", "\n multipart/mixed [] !\n text/plain [x]\n"},
        TreeCase{"--b\nContent-Type: multipart/mixed; boundary=\"\"\n\nx\n--b--", "\n multipart/mixed [x] !\n"},
        TreeCase{"--b\nContent-Type: text/html\nContent-Type: text/csv\n\nx\n--b--", "\n text/html [x] !\n"}));

TEST(Structure, SameBoundaryNested) {
    EXPECT_EQ(tree(std::string(mixed) + "--b\n" + std::string(mixed) + "--b\n\ninner\n--b--\n--b\n\nouter\n--b--\n"),
              "multipart/mixed\n multipart/mixed\n  text/plain [inner]\n text/plain [outer]\n");
}

TEST(Structure, OuterBoundaryEndsWhatIsInside) {
    EXPECT_EQ(tree(std::string(mixed) +
                   "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--b\n\ny\n--c\n\nz\n--b--"),
              "multipart/mixed\n multipart/mixed\n  text/plain [x]\n text/plain [y\r\n--c\r\n\r\nz]\n");
}

TEST(Structure, BareLineFeeds) {
    EXPECT_EQ(tree(parts(message("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n"))),
              "multipart/mixed\n text/plain [one]\n");
}

TEST(Structure, EncodedMessageIsALeaf) {
    EXPECT_EQ(tree(std::string(mixed) +
                   "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQTogYg==\n--b--"),
              "multipart/mixed\n message/rfc822 [QTogYg==]\n");
}

TEST(Spans, AreWhatTheySay) {
    const std::string text = crlf(std::string(mixed) + "--b\nX: y\nZ: w\n\none\ntwo\n\n--b--\nepilogue\n");
    const MimeParts mime = parts(message(text));
    ASSERT_EQ(mime.parts.size(), 2u);
    EXPECT_EQ(mime.header(mime.parts[0]), "Content-Type: multipart/mixed; boundary=b\r\n");
    EXPECT_EQ(mime.body(mime.parts[0]), text.substr(mime.header(mime.parts[0]).size() + 2));
    EXPECT_EQ(mime.header(mime.parts[1]), "X: y\r\nZ: w\r\n");
    EXPECT_EQ(mime.body(mime.parts[1]), "one\r\ntwo\r\n");
    EXPECT_EQ(mime.parts[0].parent, no_parent);
    EXPECT_EQ(mime.parts[1].parent, 0u);
    EXPECT_EQ(mime.parts[1].depth, 1u);
}

TEST(Spans, AreViewsOfTheBytesReceived) {
    const auto bytes = shared("A: b\r\n\r\nbody");
    EXPECT_EQ(parts(Message(bytes)).bytes.get(), bytes.get());
}

TEST(Walk, SeesHeaderEdits) {
    Message one = message("Content-Type: text/plain\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n");
    EXPECT_EDITED(one.header().set("Content-Type", "multipart/mixed; boundary=b"));
    EXPECT_EQ(tree(parts(one)), "multipart/mixed\n text/plain [x]\n");
}

TEST(Fields, OfAPart) {
    const MimeParts mime = parts(message(
        crlf(std::string(mixed) +
             "--b\nContent-Type: Application/PDF; name=\"x.pdf\"; Charset=UTF-8\nContent-Disposition: ATTACHMENT;\n "
             "filename*=utf-8''%C3%A9.pdf\nContent-Transfer-Encoding: base64\n\nTWFu\n--b\nContent-Type: "
             "text/html\n\n--b\n\n--b--")));
    ASSERT_EQ(mime.parts.size(), 4u);
    const Part& pdf = mime.parts[1];
    EXPECT_EQ(pdf.content_type, "application/pdf");
    EXPECT_EQ(pdf.charset, "utf-8");
    EXPECT_EQ(pdf.disposition, "attachment");
    EXPECT_EQ(pdf.file_name, "\xC3\xA9.pdf");
    EXPECT_EQ(pdf.encoding, TransferEncoding::base64);
    ASSERT_EQ(pdf.parameters.size(), 2u);
    EXPECT_EQ(pdf.parameters[0].name, "name");
    EXPECT_EQ(pdf.parameters[0].value, "x.pdf");
    EXPECT_TRUE(pdf.is_attachment);
    EXPECT_FALSE(pdf.malformed);
    EXPECT_EQ(decode(mime, pdf, 100).bytes, "Man");
    EXPECT_TRUE(decode(mime, pdf, 2).truncated);
    EXPECT_EQ(decoded_size(mime, pdf), 3u);
    EXPECT_EQ(mime.parts[0].charset, "");
    EXPECT_EQ(mime.parts[2].charset, "us-ascii");
    EXPECT_EQ(mime.parts[3].charset, "us-ascii");
}

struct AttachmentCase {
    const char* fields;
    bool attachment;
};
class PartIsAttachment : public testing::TestWithParam<AttachmentCase> {};
TEST_P(PartIsAttachment, Table) {
    const MimeParts mime = parts(message(crlf(std::string(mixed) + "--b\n" + GetParam().fields + "\nx\n--b--")));
    EXPECT_EQ(mime.parts.at(1).is_attachment, GetParam().attachment);
    EXPECT_EQ(attachments(mime).size(), GetParam().attachment ? 1u : 0u);
}
INSTANTIATE_TEST_SUITE_P(Fields, PartIsAttachment,
                         testing::Values(AttachmentCase{"", false}, AttachmentCase{"Content-Type: text/html\n", false},
                                         AttachmentCase{"Content-Disposition: attachment\n", true},
                                         AttachmentCase{"Content-Disposition: x-unknown\n", true},
                                         AttachmentCase{"Content-Disposition: inline\n", false},
                                         AttachmentCase{"Content-Disposition: inline; filename=x\n", true},
                                         AttachmentCase{"Content-Type: text/plain; name=x\n", true},
                                         AttachmentCase{"Content-Type: image/png\n", true},
                                         AttachmentCase{"Content-Type: image/png\nContent-Disposition: inline\n",
                                                        false},
                                         AttachmentCase{"Content-Type: message/rfc822\n", true},
                                         AttachmentCase{"Content-Type: multipart/x; name=x\n", false}));

TEST(IsAttachment, OfTheMessageItself) {
    EXPECT_EQ(attachments(parts(message("Content-Type: application/pdf\r\n\r\nx"))).size(), 1u);
    EXPECT_EQ(attachments(parts(message("Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nx"))).size(), 0u);
}

// `depth` multiparts, each in the one before, and a leaf.
std::string nested(std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) {
        const std::string boundary = "b" + std::to_string(i);
        text += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
    }
    return text + "\r\nleaf";
}

TEST(Limits, DepthAtTheLimitAndOnePast) {
    const MimeParts deepest = parts(message(nested(limits::mime_depth)));
    EXPECT_EQ(deepest.truncated, Truncation::none);
    EXPECT_EQ(deepest.parts.back().depth, limits::mime_depth);
    EXPECT_EQ(deepest.body(deepest.parts.back()), "leaf");
    const MimeParts deeper = parts(message(nested(limits::mime_depth + 1)));
    EXPECT_EQ(deeper.truncated, Truncation::depth);
    EXPECT_EQ(deeper.parts.size(), limits::mime_depth + 1);
    EXPECT_EQ(deeper.parts.back().content_type, "multipart/mixed");
    EXPECT_TRUE(deeper.body(deeper.parts.back()).ends_with("leaf"));
}

TEST(Limits, DepthOfMessages) {
    const std::string text = times("Content-Type: message/rfc822\n\n", 3) + "A: b\n\nleaf";
    EXPECT_EQ(tree(text, {.depth = 3}), "message/rfc822\n message/rfc822\n  message/rfc822\n   text/plain [leaf]\n");
    EXPECT_EQ(tree(text, {.depth = 2}),
              "message/rfc822\n message/rfc822\n  message/rfc822 [A: b\r\n\r\nleaf]\ntoo deep\n");
}

TEST(Limits, DeepPartsDoNotHideThoseBehindThem) {
    EXPECT_EQ(tree(std::string(mixed) + "--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\nx\n--b\n\nbehind\n--b--",
                   {.depth = 1}),
              "multipart/mixed\n multipart/x [--c\r\n\r\nx]\n text/plain [behind]\ntoo deep\n");
}

TEST(Limits, PartsAtTheLimitAndOnePast) {
    std::string text = crlf(mixed);
    for (std::size_t i = 1; i < limits::mime_parts; ++i) text += "--b\r\n\r\nx\r\n";
    EXPECT_EQ(parts(message(text)).parts.size(), limits::mime_parts);
    EXPECT_EQ(parts(message(text)).truncated, Truncation::none);
    const MimeParts more = parts(message(text + "--b\r\n\r\nx\r\n--b--"));
    EXPECT_EQ(more.parts.size(), limits::mime_parts);
    EXPECT_EQ(more.truncated, Truncation::parts);
    EXPECT_EQ(more.body(more.parts.back()), "x");
    EXPECT_EQ(tree("Content-Type: message/rfc822\n\nA: b\n", {.parts = 1}), "message/rfc822 [A: b\r\n]\ntoo many\n");
}

// Two megabytes of what would cost quadratic time if anything were looked at again: the test would never end.
TEST(Linear, HostileShapes) {
    const std::size_t much = 2'000'000;
    std::string boundaries;
    for (int i = 0; i < 99; ++i) {
        const std::string boundary = times("y", 60) + std::to_string(i);
        boundaries += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
    }
    const std::string almost = "--" + times("y", 60) + "x\r\n";
    for (const std::string& text :
         {boundaries + "\r\n" + times(almost, much / almost.size()), crlf(mixed) + times("--b\r\n", much / 5),
          crlf(mixed) + times("--b--", much / 5), times("Content-Type: message/rfc822\r\n\r\n", much / 32),
          times("a:\r\n", much / 4), "Content-Type: a/b;" + times("a=b (;", much / 6),
          "Content-Type: a/b" + times("(", much), "Content-Type: a/b;" + times("n*0*=x;", much / 7),
          "Content-Type: a/b; name=\"" + times("=?a?b?", much / 6),
          "Content-Type: a/b; name=\"" + times("=?a?q?x?= ", much / 10), std::string(much, '-'), std::string(much, ' '),
          std::string(much, 'a'), times("\r\n", much / 2), times(" \r\n", much / 3), "A:" + times("\r\n ", much / 3)}) {
        const MimeParts mime = parts(message(text));
        EXPECT_LE(mime.parts.size(), limits::mime_parts);
        EXPECT_FALSE(mime.parts.empty());
    }
}

}  // namespace
}  // namespace sluice::mail
