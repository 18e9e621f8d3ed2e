// Where the policy of a domain comes from: HTTPS in earnest (RFC 8461 3.3), a table in tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/asio.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/result.hpp"
#include "engine/https/client.hpp"
#include "engine/sts/cached_policy.hpp"

namespace sluice::sts {

// Why no policy could be had. The last three are result types of reports about TLS (RFC 8460 4.3.2.2).
struct FetchFailure {
    enum class Kind : std::uint8_t {
        discovery,       // no usable answer to the question for the TXT record; it is not known if there is a policy
        fetch_error,     // the policy host did not give the file
        policy_invalid,  // the file is no policy
        webpki_invalid,  // the policy host could not prove to be it
    };
    Kind kind = Kind::fetch_error;
    std::string text;  // one line, for logs and `failure-reason-code`
    [[nodiscard]] bool operator==(const FetchFailure&) const = default;
};
// "sts-policy-fetch-error", "sts-policy-invalid", "sts-webpki-invalid"; discovery counts as the first, for those who
// have to say why a policy that was required is not there.
[[nodiscard]] std::string_view report_type(FetchFailure::Kind kind) noexcept;

using FetchedPolicy = Result<Policy, FetchFailure>;

class PolicyFetcher {
  public:
    virtual ~PolicyFetcher() = default;
    // `domain`: lower case, A-labels, no final dot.
    [[nodiscard]] virtual asio::awaitable<FetchedPolicy> fetch(std::string domain) = 0;
};

// GET https://mta-sts.DOMAIN/.well-known/mta-sts.txt.
class HttpsPolicyFetcher final : public PolicyFetcher {
  public:
    // Other values are for tests.
    struct Settings {
        std::uint16_t port = 443;
        std::chrono::milliseconds timeout = limits::sts_fetch;
    };
    explicit HttpsPolicyFetcher(https::Client client) : HttpsPolicyFetcher(std::move(client), Settings()) {}
    HttpsPolicyFetcher(https::Client client, Settings settings) : client_(std::move(client)), settings_(settings) {}
    [[nodiscard]] asio::awaitable<FetchedPolicy> fetch(std::string domain) override;

  private:
    https::Client client_;
    Settings settings_;
};

}  // namespace sluice::sts
