// Responses in one piece and octet by octet: what is taken, and what is refused for which reason.
#include "engine/https/response_reader.hpp"

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"

namespace sluice::https {
namespace {

using Progress = ResponseReader::Progress;

struct Read {
    Fault fault = Fault::request;  // request: there was a response
    std::string text;              // of the error, or the body
};

// Whatever the pieces, the end is the same.
Read read(std::string_view octets, std::size_t step, const Expectation& expectation) {
    ResponseReader reader(expectation);
    Progress progress = Progress::more;
    while (progress == Progress::more && !octets.empty()) {
        progress = reader.feed(octets.substr(0, step));
        octets.remove_prefix(std::min(step, octets.size()));
    }
    if (progress == Progress::more) progress = reader.end();
    EXPECT_NE(progress, Progress::more);
    if (progress == Progress::done) return {Fault::request, reader.take().body};
    return {reader.error().fault, reader.error().text};
}

const Expectation kPolicy{100, "text/plain"};

void expect(const std::string& octets, Fault fault, const std::string& text, const Expectation& asked = kPolicy) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, octets.size()}) {
        const Read got = read(octets, step, asked);
        EXPECT_EQ(to_string(got.fault), to_string(fault)) << octets.substr(0, 200) << " by " << step;
        EXPECT_EQ(got.text, text) << octets.substr(0, 200) << " by " << step;
    }
}
void expect_body(const std::string& octets, const std::string& body, const Expectation& asked = kPolicy) {
    expect(octets, Fault::request, body, asked);
}

TEST(ResponseReader, BodiesOfBothKinds) {
    expect_body("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", "hello");
    expect_body("HTTP/1.0 200 OK\r\ncontent-type: TEXT/Plain; charset=utf-8\r\ncontent-length: 5\r\n\r\nhello and more",
                "hello");
    expect_body(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: x\r\n\r\n",
        "hello");
    expect_body("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n", "");
    expect_body("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "");
    expect_body("HTTP/1.1 204 No Content\r\n\r\n", "", {0, ""});
    expect_body("HTTP/1.1 201 \r\nContent-Length: 2\r\n\r\nok", "ok", {2, ""});
}

TEST(ResponseReader, TellsStatusAndMediaType) {
    ResponseReader reader({10, ""});
    ASSERT_EQ(reader.feed("HTTP/1.1 202 Accepted\r\nContent-Type: Text/HTML;x\r\nContent-Length: 1\r\n\r\n"),
              Progress::more);
    ASSERT_EQ(reader.feed("x"), Progress::done);
    const Response response = reader.take();
    EXPECT_EQ(response.status, 202u);
    EXPECT_EQ(response.media_type, "text/html");
    EXPECT_EQ(response.body, "x");
}

TEST(ResponseReader, InterimResponsesAreSkippedUpToTheLimit) {
    const std::string last = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
    std::string before;
    for (int i = 0; i < limits::https_interim; ++i) before += "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    expect_body(before + last, "ok");
    expect("HTTP/1.1 100 Continue\r\n\r\n" + before + last, Fault::response, "too many interim responses");
    expect("HTTP/1.1 101 Switching\r\n\r\n" + last, Fault::status, "status 101");
}

TEST(ResponseReader, OtherStatusesAreSaidWithoutReadingTheBody) {
    expect("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n", Fault::status,
           "status 404");
    expect("HTTP/1.1 500 X\r\n\r\n", Fault::status, "status 500");
    expect("HTTP/1.1 301 Moved\r\nLocation: https://other.example/\r\n\r\n", Fault::redirect,
           "status 301, a redirect to https://other.example/, which is not followed");
    expect("HTTP/1.1 304 Not Modified\r\n\r\n", Fault::redirect, "status 304, a redirect, which is not followed");
    ResponseReader reader(kPolicy);
    ASSERT_EQ(reader.feed("HTTP/1.1 418 Teapot\r\n\r\n"), Progress::failed);
    EXPECT_EQ(reader.error().status, 418u);
}

TEST(ResponseReader, WrongContent) {
    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
    expect(ok + "Content-Type: text/html\r\n\r\nok", Fault::content_type,
           "content type 'text/html' instead of text/plain");
    expect(ok + "\r\nok", Fault::content_type, "content type '' instead of text/plain");
    expect(ok + "Content-Type: text/plainer\r\n\r\nok", Fault::content_type,
           "content type 'text/plainer' instead of text/plain");
    expect(ok + "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n\r\nok", Fault::content_type,
           "content encoding 'gzip', not asked for");
    expect_body(ok + "Content-Type: text/plain\r\nContent-Encoding: Identity\r\n\r\nok", "ok");
}

TEST(ResponseReader, WhatIsNotComplete) {
    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    expect(ok + "Content-Length: 5\r\n\r\nhell", Fault::response, "the body ended early");
    expect(ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", Fault::response, "the body ended early");
    expect(ok, Fault::response, "the connection ended without a response");
    expect(ok + "\r\nall until the end", Fault::response, "the length of the body is not said");
    expect(ok + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", Fault::response,
           "transfer encoding 'gzip, chunked' is not known");
}

TEST(ResponseReader, WhatIsNotHttp) {
    for (const char* text : {"220 mail.example ESMTP\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                             "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                             "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                             "HTTP/1.1 200 OK\r\nbad field\r\n\r\n"}) {
        for (const std::size_t step : {1u, 1000u}) {
            const Read got = read(text, step, kPolicy);
            EXPECT_EQ(to_string(got.fault), "response") << text;
            EXPECT_TRUE(got.text.starts_with("no HTTP response: ")) << text << got.text;
        }
    }
}

std::string chunked(const std::string& body, std::size_t size) {
    std::string out;
    for (std::size_t at = 0; at < body.size(); at += size) {
        const std::string piece = body.substr(at, size);
        char length[20];
        std::snprintf(length, sizeof length, "%zx\r\n", piece.size());
        out += length + piece + "\r\n";
    }
    return out + "0\r\n\r\n";
}

TEST(ResponseReader, BodyAtTheLimitAndOnePast) {
    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    const std::string most(100, 'x');
    expect_body(ok + "Content-Length: 100\r\n\r\n" + most, most);
    expect(ok + "Content-Length: 101\r\n\r\n" + most + 'x', Fault::too_large, "the body has more than 100 octets");
    expect(ok + "Content-Length: 18446744073709551615\r\n\r\n", Fault::too_large, "the body has more than 100 octets");
    for (const std::size_t size : {1u, 33u, 1000u}) {
        expect_body(ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(most, size), most);
        expect(ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(most + 'x', size), Fault::too_large,
               "the body has more than 100 octets");
    }
    expect(ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", Fault::too_large,
           "the body has more than 100 octets");
}

TEST(ResponseReader, HeaderAndFramingAreLimited) {
    const auto with_field = [](std::size_t length) {
        return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nX: " + std::string(length, 'x') +
               "\r\n\r\n";
    };
    const std::string too_long = "the header has more than 16384 octets";
    const std::size_t rest = with_field(0).size();
    // Octet by octet. In larger pieces, the lines that were read before the last piece are not counted.
    EXPECT_EQ(read(with_field(limits::https_header - rest), 1, kPolicy).fault, Fault::request);
    EXPECT_EQ(read(with_field(limits::https_header - rest + 1), 1, kPolicy).text, too_long);
    EXPECT_EQ(read(with_field(limits::https_header + 1), 1000, kPolicy).text, too_long);
    EXPECT_EQ(read("HTTP/1.1 200 " + std::string(limits::https_header, 'x'), 1000, kPolicy).text, too_long);
    const std::string ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(read(ok + "1;" + std::string(limits::https_header, 'x'), 1000, kPolicy).text, too_long);
    std::string trailer = ok + "0\r\n";
    for (int i = 0; i < 2000; ++i) trailer += "Field: value\r\n";
    EXPECT_EQ(read(trailer, 1000, kPolicy).text, too_long);
}

}  // namespace
}  // namespace sluice::https
