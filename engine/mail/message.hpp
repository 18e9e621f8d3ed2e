// A message as rules see and edit it: header fields and a body. The bytes received are the truth; edits of the header
// are an overlay (header_fields.hpp), and the body is never touched. Nothing is parsed before somebody asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/mail/header_fields.hpp"

namespace sluice::mail {

class Message {
  public:
    // Precondition: `bytes` is not null. Any bytes are a message.
    explicit Message(std::shared_ptr<const std::string> bytes);

    [[nodiscard]] HeaderFields& header() noexcept { return header_; }
    [[nodiscard]] const HeaderFields& header() const noexcept { return header_; }

    // Everything behind the empty line, or behind the fields if there is none. A view of the bytes received: it lives
    // as long as this message or a copy.
    [[nodiscard]] std::string_view body() const;

    // The whole message. Nothing edited: the very string it was made of. Else a new one, built by the first call after
    // an edit and shared by all later ones. Fields are followed by what followed them when the message came, empty line
    // included; only if a message without any field began with a blank, and has got its first field, an empty line is
    // put between them: the body's first line would become a fold of that field.
    [[nodiscard]] std::shared_ptr<const std::string> bytes() const;
    [[nodiscard]] std::size_t size() const;  // of bytes(), without building them
    [[nodiscard]] bool edited() const noexcept { return header_.edited(); }

  private:
    [[nodiscard]] std::string_view rest() const;  // behind the fields as received
    [[nodiscard]] std::string_view separator() const;

    std::shared_ptr<const std::string> received_;
    HeaderFields header_;
    mutable std::shared_ptr<const std::string> built_;
    mutable std::uint64_t built_revision_ = 0;
};

}  // namespace sluice::mail
