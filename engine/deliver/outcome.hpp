// How one attempt for one recipient ended. There is no empty outcome, and only these three kinds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace sluice::deliver {

struct DeliveryTls;  // delivery_tls.hpp

class Outcome {
  public:
    enum class Kind : std::uint8_t { delivered, temporary, permanent };

    [[nodiscard]] static Outcome delivered() { return {Kind::delivered, {}, {}, {}}; }
    // In our own words, after an enhanced status code: "4.3.1 mailbox full", "5.1.1 no such user".
    [[nodiscard]] static Outcome temporary(std::string text) { return own(Kind::temporary, std::move(text)); }
    [[nodiscard]] static Outcome permanent(std::string text) { return own(Kind::permanent, std::move(text)); }
    // What a remote host said: its reply as sent, and its name and address "mx.example.net [192.0.2.1]".
    [[nodiscard]] static Outcome remote(Kind kind, std::string status, std::string reply, std::string host) {
        return {kind, std::move(status), std::move(reply), std::move(host)};
    }

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] const std::string& status() const noexcept { return status_; }  // "4.3.1"; empty when delivered
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] const std::string& host() const noexcept { return host_; }  // empty: our own words

    // Delivered to a host that offers DSN: it tells the sender of success itself (RFC 3461 5.2.2).
    [[nodiscard]] Outcome passed_on() && { return passed_on_ = true, std::move(*this); }
    [[nodiscard]] bool is_passed_on() const noexcept { return passed_on_; }
    // Delivered to another host, which does not.
    [[nodiscard]] Outcome relayed() && { return relayed_ = true, std::move(*this); }
    [[nodiscard]] bool is_relayed() const noexcept { return relayed_; }

    // What is known of TLS; null: nothing was tried by SMTP.
    [[nodiscard]] Outcome with_tls(std::shared_ptr<const DeliveryTls> tls) && {
        return tls_ = std::move(tls), std::move(*this);
    }
    [[nodiscard]] const std::shared_ptr<const DeliveryTls>& tls() const noexcept { return tls_; }

  private:
    Outcome(Kind kind, std::string status, std::string text, std::string host)
        : kind_(kind), status_(std::move(status)), text_(std::move(text)), host_(std::move(host)) {}
    static Outcome own(Kind kind, std::string text) {
        const std::string_view words = text;
        std::string status(words.substr(0, words.find(' ')));
        return {kind, std::move(status), std::move(text), {}};
    }

    Kind kind_;
    std::string status_;
    std::string text_;
    std::string host_;
    bool passed_on_ = false;
    bool relayed_ = false;
    std::shared_ptr<const DeliveryTls> tls_;
};

}  // namespace sluice::deliver
