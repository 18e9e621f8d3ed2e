// Reads one HTTP/1 response (RFC 9112) out of octets as they come: no sockets. client.cpp is its user. What cannot be
// used is refused as soon as the header says so; the body of an error page is not read.
// A body whose end is the end of the connection is refused, because our TLS does not tell a cut connection from a
// closed one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/https/error.hpp"

namespace sluice::https {

struct Response {
    unsigned status = 0;     // 200 to 299
    std::string media_type;  // lower case, without parameters: "text/plain"; empty: not said
    std::string body;        // without transfer coding
};

// What is asked of a response.
struct Expectation {
    std::size_t max_body = 0;  // octets
    std::string media_type;    // lower case; empty: any
};

class ResponseReader {
  public:
    explicit ResponseReader(Expectation expectation);
    ~ResponseReader();
    ResponseReader(const ResponseReader&) = delete;
    ResponseReader& operator=(const ResponseReader&) = delete;

    enum class Progress : std::uint8_t { more, done, failed };
    // Octets behind the response are left alone. Call it until it says something else than `more`.
    [[nodiscard]] Progress feed(std::string_view octets);
    // The server has closed the connection; never `more`.
    [[nodiscard]] Progress end();

    [[nodiscard]] Response take();                      // once, after `done`
    [[nodiscard]] const Error& error() const noexcept;  // after `failed`

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sluice::https
