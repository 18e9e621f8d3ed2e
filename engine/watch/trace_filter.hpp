// What `sluice trace` was asked to show: --ip, --from, --rcpt. Without any of them, everything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dsl/lib/ip_network.hpp"
#include "engine/base/result.hpp"
#include "engine/smtp/envelope.hpp"
#include "engine/watch/line_stream.hpp"

namespace sluice::watch {

// "jane@example.com", "example.com" (that domain and no other), "<>" (the null reverse-path).
class AddressPattern {
  public:
    [[nodiscard]] static std::optional<AddressPattern> parse(std::string_view text);
    [[nodiscard]] bool matches(const smtp::Address& address) const;

  private:
    smtp::Address address_;
    bool whole_domain_ = false;
};

struct TraceFilter {
    std::optional<dsl::lib::IpNetwork> client;
    std::optional<AddressPattern> from;
    std::optional<AddressPattern> rcpt;

    [[nodiscard]] bool accepts(const asio::ip::address& address) const;
    // Decided by the client's address alone, so that no stage run has to be kept until more is known.
    [[nodiscard]] bool by_client_only() const noexcept { return !from && !rcpt; }
};

// As it stands on the command line and, as a JSON object, on the request line of the control socket.
struct TraceRequest {
    std::string ip;  // empty: not asked for
    std::string from;
    std::string rcpt;
    Form form = Form::text;
    std::uint64_t count = 0;  // ends after so many stage runs; 0: never

    // The error says which option is wrong, and what it takes.
    [[nodiscard]] Result<TraceFilter, std::string> filter() const;
    [[nodiscard]] std::string json() const;
    [[nodiscard]] static std::optional<TraceRequest> parse(std::string_view json);
};

}  // namespace sluice::watch
