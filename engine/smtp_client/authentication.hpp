// The lines of AUTH PLAIN (RFC 4616) and AUTH LOGIN, one after the other; they are wiped with the script.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/smtp_client/options.hpp"

namespace sluice::smtp_client {

enum class Mechanism : std::uint8_t { plain, login };

class AuthScript {
  public:
    AuthScript(const Credentials& credentials, Mechanism mechanism);
    ~AuthScript();
    AuthScript(const AuthScript&) = delete;
    AuthScript& operator=(const AuthScript&) = delete;

    // The next line, CRLF included; null behind the last. All but the last are answered by 334.
    [[nodiscard]] std::string* next() { return done() ? nullptr : &lines_[at_++]; }
    [[nodiscard]] bool done() const noexcept { return at_ == lines_.size(); }

  private:
    std::vector<std::string> lines_;
    std::size_t at_ = 0;
};

}  // namespace sluice::smtp_client
