#include "engine/https/response_reader.hpp"

#include <fmt/format.h>

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <utility>

#include "engine/base/asio.hpp"
#include "engine/base/limits.hpp"
#include "grammar/mail/parameters.hpp"

namespace sluice::https {

namespace {

namespace http = boost::beast::http;

// "0\r\n\r\n": no chunked body ends in less. Beast 1.81 asserts that it is never asked again with fewer octets behind a
// first chunk that is the last one.
constexpr std::size_t kLastChunk = 5;

// What a stranger wrote, as a part of a log line.
std::string excerpt(std::string_view text) {
    constexpr std::size_t longest = 200;
    std::string out;
    for (const char c : text.substr(0, longest)) out += c >= ' ' && c <= '~' ? c : '?';
    if (text.size() > longest) out += "...";
    return out;
}

}  // namespace

struct ResponseReader::State {
    using Parser = http::response_parser<http::string_body>;

    explicit State(Expectation asked) : expectation(std::move(asked)) { restart(); }

    void restart() {
        parser.emplace();
        parser->header_limit(static_cast<std::uint32_t>(limits::https_header));
        // Set once the status is known: a long error page is an error page.
        parser->body_limit(boost::none);
    }

    [[nodiscard]] std::string_view field(http::field name) const {
        const auto value = parser->get()[name];
        return {value.data(), value.size()};
    }

    Progress fail(Fault fault, std::string text, unsigned status = 0) {
        error = {fault, std::move(text), status};
        return Progress::failed;
    }

    Progress fail(const error_code& failed) {
        if (failed == http::error::body_limit) return too_large();
        if (failed == http::error::header_limit) return header_too_long();
        return fail(Fault::response, "no HTTP response: " + failed.message());
    }
    Progress header_too_long() {
        return fail(Fault::response, fmt::format("the header has more than {} octets", limits::https_header));
    }
    Progress too_large() {
        return fail(Fault::too_large, fmt::format("the body has more than {} octets", expectation.max_body));
    }

    Progress check_status(unsigned status) {
        if (status >= 200 && status < 300) return Progress::done;
        if (status >= 300 && status < 400) {
            const std::string_view target = field(http::field::location);
            return fail(Fault::redirect,
                        fmt::format("status {}, a redirect{}{}, which is not followed", status,
                                    target.empty() ? "" : " to ", excerpt(target)),
                        status);
        }
        return fail(Fault::status, fmt::format("status {}", status), status);
    }

    Progress check_content() {
        const std::string_view type = field(http::field::content_type);
        response.media_type = grammar::mail::parse_content_type(type, 0).value;
        if (!expectation.media_type.empty() && response.media_type != expectation.media_type) {
            return fail(Fault::content_type,
                        fmt::format("content type '{}' instead of {}", excerpt(type), expectation.media_type));
        }
        const std::string_view coding = field(http::field::content_encoding);
        if (!coding.empty() && grammar::mail::lower_case(coding) != "identity") {
            return fail(Fault::content_type, fmt::format("content encoding '{}', not asked for", excerpt(coding)));
        }
        return Progress::done;
    }

    // The length is known before the body is read.
    Progress check_framing() {
        const std::string_view coding = field(http::field::transfer_encoding);
        if (!coding.empty() && grammar::mail::lower_case(coding) != "chunked") {
            return fail(Fault::response, fmt::format("transfer encoding '{}' is not known", excerpt(coding)));
        }
        if (parser->need_eof()) return fail(Fault::response, "the length of the body is not said");
        if (parser->content_length().value_or(0) > expectation.max_body) return too_large();
        parser->body_limit(expectation.max_body);
        return Progress::done;
    }

    // `more`: an interim response, the one that counts is still to come.
    Progress header_read() {
        const unsigned status = parser->get().result_int();
        if (status / 100 == 1 && status != 101) {
            if (++interim > limits::https_interim) return fail(Fault::response, "too many interim responses");
            restart();
            return Progress::more;
        }
        response.status = status;
        Progress checked = check_status(status);
        if (checked == Progress::done) checked = check_content();
        if (checked == Progress::done) checked = check_framing();
        parser->eager(true);
        return checked;
    }

    Expectation expectation;
    std::optional<Parser> parser;
    std::string input;  // not parsed yet
    int interim = 0;
    Response response;
    Error error;
};

ResponseReader::ResponseReader(Expectation expectation) : state_(std::make_unique<State>(std::move(expectation))) {}
ResponseReader::~ResponseReader() = default;

ResponseReader::Progress ResponseReader::feed(std::string_view octets) {
    State& state = *state_;
    state.input += octets;
    std::size_t used = 0;
    for (;;) {
        const bool in_header = !state.parser->is_header_done();
        if (!in_header && state.parser->chunked() && state.input.size() - used < kLastChunk) break;
        error_code failed;
        used += state.parser->put(asio::const_buffer(state.input.data() + used, state.input.size() - used), failed);
        if (failed == http::error::need_more) break;
        if (failed) return state.fail(failed);
        if (in_header && state.parser->is_header_done()) {
            const Progress checked = state.header_read();
            if (checked == Progress::failed) return checked;
        }
        if (state.parser->is_done()) return Progress::done;
        if (used == state.input.size()) break;
    }
    state.input.erase(0, used);
    // The parser limits the header; lines between chunks, and the fields behind the last one, are limited here.
    if (state.input.size() > limits::https_header) return state.header_too_long();
    return Progress::more;
}

ResponseReader::Progress ResponseReader::end() {
    return state_->fail(Fault::response, state_->parser->is_header_done() ? "the body ended early"
                                                                          : "the connection ended without a response");
}

Response ResponseReader::take() {
    state_->response.body = std::move(state_->parser->get().body());
    return std::move(state_->response);
}

const Error& ResponseReader::error() const noexcept { return state_->error; }

}  // namespace sluice::https
