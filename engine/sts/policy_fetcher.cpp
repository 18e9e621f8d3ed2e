#include "engine/sts/policy_fetcher.hpp"

#include <fmt/format.h>

#include <utility>

#include "grammar/sts/limits.hpp"

namespace sluice::sts {

namespace {

FetchFailure failure_of(const https::Error& error, const std::string& host) {
    const bool unproven = error.fault == https::Fault::certificate;
    return {unproven ? FetchFailure::Kind::webpki_invalid : FetchFailure::Kind::fetch_error, host + ": " + error.text};
}

}  // namespace

std::string_view report_type(FetchFailure::Kind kind) noexcept {
    switch (kind) {
        case FetchFailure::Kind::discovery:
        case FetchFailure::Kind::fetch_error: return "sts-policy-fetch-error";
        case FetchFailure::Kind::policy_invalid: return "sts-policy-invalid";
        case FetchFailure::Kind::webpki_invalid: return "sts-webpki-invalid";
    }
    return {};
}

asio::awaitable<FetchedPolicy> HttpsPolicyFetcher::fetch(std::string domain) {
    const std::string host = "mta-sts." + domain;
    https::Request request{.host = host, .port = settings_.port, .target = "/.well-known/mta-sts.txt"};
    request.expectation = {grammar::sts::max_policy, "text/plain"};
    request.timeout = settings_.timeout;
    const auto response = co_await client_.send(std::move(request));
    if (!response) co_return Failure{failure_of(response.error(), host)};
    // RFC 8461 3.3: 200 and nothing else; 206 would be a part of a policy.
    if (response->status != 200) {
        co_return Failure{
            FetchFailure{FetchFailure::Kind::fetch_error, fmt::format("{}: status {}", host, response->status)}};
    }
    grammar::sts::ParsedPolicy parsed = grammar::sts::parse_policy(response->body);
    if (!parsed.error.empty())
        co_return Failure{FetchFailure{FetchFailure::Kind::policy_invalid, host + ": " + parsed.error}};
    co_return std::move(parsed.policy);
}

}  // namespace sluice::sts
