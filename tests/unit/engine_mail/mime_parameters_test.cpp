// Parameters of RFC 2231, encoded words of RFC 2047, charsets, file names.
#include "engine/mail/mime_parameters.hpp"

#include "engine/base/limits.hpp"
#include "engine/mail/charset.hpp"
#include "engine/mail/encoded_words.hpp"
#include "tests/unit/engine_mail/texts.hpp"

namespace sluice::mail {
namespace {

std::string listed(const MimeField& field) {
    std::string out = field.value;
    for (const Parameter& one : field.parameters) out += ";" + one.name + "=" + one.value;
    return field.malformed ? out + " malformed" : out;
}

struct FieldCase {
    std::string_view text;
    std::string_view wanted;
};
class ContentType : public testing::TestWithParam<FieldCase> {};
TEST_P(ContentType, IsRead) { EXPECT_EQ(listed(content_type_field(GetParam().text)), GetParam().wanted); }
INSTANTIATE_TEST_SUITE_P(
    Rfc2045, ContentType,
    testing::Values(FieldCase{" Text/Plain\r\n", "text/plain"},
                    FieldCase{" text/plain; Charset=us-ascii (Plain text)\r\n", "text/plain;charset=us-ascii"},
                    FieldCase{" text/plain; charset=\"us-ascii\"", "text/plain;charset=us-ascii"},
                    FieldCase{"(c) text (d) / plain (e);\r\n a (f) = (g) b ;c=d;", "text/plain;a=b;c=d"},
                    FieldCase{"m/m; boundary=\"a b;\\\"c\\\\\"", "m/m;boundary=a b;\"c\\"},
                    FieldCase{"m/m; boundary=----=_Part_1/2:3", "m/m;boundary=----=_Part_1/2:3"},
                    FieldCase{"m/m; name=\"a\r\n b\"", "m/m;name=a b"}));
INSTANTIATE_TEST_SUITE_P(Malformed, ContentType,
                         testing::Values(FieldCase{"", " malformed"}, FieldCase{"text", " malformed"},
                                         FieldCase{"text/", " malformed"}, FieldCase{"/plain; a=b", ";a=b malformed"},
                                         FieldCase{"a/b; name=my file (1).exe; c=d", "a/b;name=my file (1).exe;c=d"},
                                         FieldCase{"a/b; name=\"open; c=d", "a/b;name=open; c=d"},
                                         FieldCase{"a/b; junk; c=d", "a/b;c=d"}, FieldCase{"a/b; =x; c=d", "a/b;c=d"},
                                         FieldCase{"a/b;; ;c=d", "a/b;c=d"}, FieldCase{"a/b; c=", "a/b;c="},
                                         FieldCase{"a/b; c=d; C=e", "a/b;c=d malformed"},
                                         FieldCase{"a/b; (open; c=d", "a/b"},
                                         FieldCase{"a/b; c=\"d\"e; f=g", "a/b;c=d;f=g"}));
INSTANTIATE_TEST_SUITE_P(
    Rfc2231, ContentType,
    testing::Values(
        FieldCase{"a/b; url*0=\"ftp://\"; url*1=\"x.test/\"", "a/b;url=ftp://x.test/"},
        FieldCase{"a/b; t*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "a/b;t=This is ***fun***"},
        FieldCase{"a/b; t*0*=us-ascii'en'This%20is%20; t*1*=%2A; t*2=\"isn't%20it\"", "a/b;t=This is *isn't%20it"},
        FieldCase{"a/b; t*1=b; t*0=a", "a/b;t=ab"}, FieldCase{"a/b; t*=iso-8859-1''%E9", "a/b;t=\xC3\xA9"},
        FieldCase{"a/b; t*=no quotes%21", "a/b;t=no quotes!"}, FieldCase{"a/b; t*=utf-8''%zz%4", "a/b;t=%zz%4"},
        FieldCase{"a/b; t=plain; t*=utf-8''%C3%A9", "a/b;t=\xC3\xA9"},
        FieldCase{"a/b; t*0=a; t*2=c", "a/b;t=a malformed"}, FieldCase{"a/b; t*1=b", "a/b malformed"},
        FieldCase{"a/b; t*1=b; t=p", "a/b;t=p malformed"}, FieldCase{"a/b; t*0=a; t*0=b", "a/b;t=a malformed"},
        FieldCase{"a/b; t*x=a", "a/b;t*x=a"}, FieldCase{"a/b; t*99999999999=a", "a/b;t*99999999999=a"}));

TEST(ContentTypeLimits, ParametersAtTheLimitAndOnePast) {
    std::string text = "a/b";
    for (std::size_t i = 0; i < limits::mime_parameters; ++i) text += ";p" + std::to_string(i) + "=x";
    EXPECT_EQ(content_type_field(text).parameters.size(), limits::mime_parameters);
    EXPECT_FALSE(content_type_field(text).malformed);
    EXPECT_EQ(content_type_field(text + ";q=x").parameters.size(), limits::mime_parameters);
    EXPECT_TRUE(content_type_field(text + ";q=x").malformed);
}

TEST(ContentTypeLimits, FieldAtTheLimitAndOnePast) {
    const std::string text = "a/b;" + times(" ", limits::mime_field - 7) + "c=d";
    ASSERT_EQ(text.size(), limits::mime_field);
    EXPECT_EQ(listed(content_type_field(text)), "a/b;c=d");
    EXPECT_EQ(listed(content_type_field(" " + text)), "a/b;c= malformed");
}

std::string named(std::string_view disposition, std::string_view type = "a/b") {
    return file_name(content_disposition_field(disposition), content_type_field(type));
}

TEST(FileName, Table) {
    EXPECT_EQ(named("attachment; filename=a.txt"), "a.txt");
    EXPECT_EQ(named("attachment; filename=\"a b.txt\"", "a/b; name=other"), "a b.txt");
    EXPECT_EQ(named("attachment", "a/b; name=other"), "other");
    EXPECT_EQ(named("", ""), "");
    EXPECT_EQ(named("attachment; filename*=utf-8''%e2%82%ac.txt; filename=euro.txt"), "\xE2\x82\xAC.txt");
    EXPECT_EQ(named("attachment; filename*0*=utf-8''%e2%82; filename*1*=%ac; filename*2=\".exe\""), "\xE2\x82\xAC.exe");
    EXPECT_EQ(named("attachment; filename=\"=?utf-8?B?4oKs?= =?utf-8?Q?=2Eexe?=\""), "\xE2\x82\xAC.exe");
    EXPECT_EQ(named("attachment; filename==?iso-8859-1?Q?=E9.exe?="), "\xC3\xA9.exe");
    EXPECT_EQ(named("attachment; filename=\"\xE9.exe\""), "\xC3\xA9.exe");
    EXPECT_EQ(named("attachment; filename=\"\xC3\xA9.exe\""), "\xC3\xA9.exe");
}

TEST(EncodedWords, Table) {
    EXPECT_EQ(decode_encoded_words(""), "");
    EXPECT_EQ(decode_encoded_words("plain =41 ?="), "plain =41 ?=");
    EXPECT_EQ(decode_encoded_words("a =?ISO-8859-1?Q?Keld_J=F8rn?= b"), "a Keld J\xC3\xB8rn b");
    EXPECT_EQ(decode_encoded_words("=?utf-8?q?a?=\r\n =?utf-8?q?b?="), "ab");
    EXPECT_EQ(decode_encoded_words("=?utf-8?q?a?= x =?utf-8?q?b?="), "a x b");
    EXPECT_EQ(decode_encoded_words("=?utf-8?b?4oI=?= =?utf-8?b?rA==?="), "\xE2\x82\xAC");  // one character in two words
    EXPECT_EQ(decode_encoded_words("=?utf-8*en?q?a_b_?="), "a b ");
    EXPECT_EQ(decode_encoded_words("=?koi8-r?b?zcnS?="), "\xD0\xBC\xD0\xB8\xD1\x80");
    EXPECT_EQ(decode_encoded_words("=?gb2312?b?xOO6ww==?="), "\xE4\xBD\xA0\xE5\xA5\xBD");
    EXPECT_EQ(decode_encoded_words("=?iso-2022-jp?b?GyRCJCIbKEI=?="), "\xE3\x81\x82");
    EXPECT_EQ(decode_encoded_words("=?shift_jis?b?gqA=?="), "\xE3\x81\x82");
    EXPECT_EQ(decode_encoded_words("=?utf-8?q?my file?="), "my file");
    for (const char* none :
         {"=?", "=?utf-8", "=?utf-8?q", "=?utf-8?q?", "=?utf-8?q?a", "=?utf-8?q?a?", "=?utf-8?x?a?=", "=?a?bb?c?="}) {
        EXPECT_EQ(decode_encoded_words(none), none);
    }
    EXPECT_EQ(decode_encoded_words("=?utf-8?q?=FF?="), "\xEF\xBF\xBD");
    EXPECT_EQ(decode_encoded_words("=?unknown?q?=E9=80?="), "\xC3\xA9\xC2\x80");
    EXPECT_EQ(decode_encoded_words("=?utf-7?q?+AGE-?="), "+AGE-");
}

TEST(Charset, AlwaysUtf8) {
    EXPECT_EQ(to_utf8("\x80", "windows-1252"), "\xE2\x82\xAC");
    EXPECT_EQ(to_utf8("a\xE2\x82", "UTF-8"), "a\xEF\xBF\xBD");
    EXPECT_EQ(to_utf8("\xFF"
                      "a",
                      "utf-8"),
              "\xEF\xBF\xBD"
              "a");
    EXPECT_EQ(to_utf8("\xC3\xA9", "us-ascii"), "\xC3\xA9");
    EXPECT_EQ(to_utf8("\xC3\xA9", "no-such"), "\xC3\xA9");
    EXPECT_EQ(to_utf8(times("\xE9", 10000), "iso-8859-1"), times("\xC3\xA9", 10000));
    EXPECT_FALSE(is_utf8("\xC0\x80"));
    EXPECT_FALSE(is_utf8("\xED\xA0\x80"));
    EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));
    EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));
}

}  // namespace
}  // namespace sluice::mail
