#include "engine/sts/cached_policy.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "engine/sts/checksum.hpp"

namespace sluice::sts {

namespace {

constexpr std::string_view kFormat = "sluice-mta-sts 1 ";

// The value of the line "NAME: VALUE", which is taken off the text.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || !text.starts_with(name)) return std::nullopt;
    const std::string_view value = text.substr(name.size(), end - name.size());
    text.remove_prefix(end + 1);
    return value;
}

}  // namespace

std::string print_cached(std::string_view domain, const CachedPolicy& cached) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(cached.fetched.time_since_epoch()).count();
    std::string rest = fmt::format("domain: {}\nid: {}\nfetched: {}\n\n", domain, cached.id, seconds);
    for (const std::string& line : grammar::sts::policy_lines(cached.policy)) rest += line + '\n';
    return fmt::format("{}{:08x}\n", kFormat, checksum(rest)) + rest;
}

Result<CachedPolicy, std::string> parse_cached(std::string_view domain, std::string_view file) {
    const auto sum = take_line(file, kFormat);
    if (!sum) return Failure{std::string("not a policy of format 1")};
    if (*sum != fmt::format("{:08x}", checksum(file))) return Failure{std::string("wrong checksum")};
    const auto of = take_line(file, "domain: ");
    if (of != domain) return Failure{std::string("the policy of another domain")};
    CachedPolicy cached;
    const auto id = take_line(file, "id: ");
    const auto fetched = take_line(file, "fetched: ");
    const auto empty = take_line(file, "");
    std::int64_t seconds = 0;
    if (!id || !fetched || empty != "" ||
        std::from_chars(fetched->data(), fetched->data() + fetched->size(), seconds).ec != std::errc())
        return Failure{std::string("malformed header")};
    cached.id = *id;
    cached.fetched = TimePoint(std::chrono::seconds(seconds));
    grammar::sts::ParsedPolicy parsed = grammar::sts::parse_policy(file);
    if (!parsed.error.empty()) return Failure{std::move(parsed.error)};
    cached.policy = std::move(parsed.policy);
    return cached;
}

}  // namespace sluice::sts
