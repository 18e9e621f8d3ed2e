// What the dispatcher asks of a way to deliver: one recipient in, exactly one outcome out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "engine/queue/message.hpp"

namespace sluice::deliver {

// How one attempt for one recipient ended. There is no empty outcome, and only these three.
class Outcome {
  public:
    enum class Kind : std::uint8_t { delivered, temporary, permanent };

    [[nodiscard]] static Outcome delivered() { return {Kind::delivered, {}}; }
    // Texts start with an enhanced status code: "4.3.1 mailbox full", "5.1.1 no such user".
    [[nodiscard]] static Outcome temporary(std::string text) { return {Kind::temporary, std::move(text)}; }
    [[nodiscard]] static Outcome permanent(std::string text) { return {Kind::permanent, std::move(text)}; }

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }  // empty when delivered

  private:
    Outcome(Kind kind, std::string text) : kind_(kind), text_(std::move(text)) {}

    Kind kind_;
    std::string text_;
};

struct Attempt {
    const queue::Envelope& envelope;
    const queue::Recipient& recipient;  // one of the envelope's
    std::string_view body;              // CRLF line ends
    // An attempt for this recipient may have been cut off by a crash: look for what it left.
    bool maybe_repeated = false;
};

class Transport {
  public:
    virtual ~Transport() = default;
    // May block, may be called from several threads at once. Exceptions are not expected.
    [[nodiscard]] virtual Outcome deliver(const Attempt& attempt) = 0;
    // Delivering a second time does no harm (the transport recognises it), so outcomes need not be made durable one by
    // one.
    [[nodiscard]] virtual bool repeatable() const noexcept { return false; }
};

}  // namespace sluice::deliver
