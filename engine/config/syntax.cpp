#include "engine/config/syntax.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <idn2.h>

namespace sluice::config {

namespace {

void skip_blanks(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

using Version = std::array<unsigned, 3>;

bool parse_version(std::string_view text, Version& version) {
    version = {};
    for (std::size_t i = 0; i < 3 && !text.empty(); ++i) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version[i]);
        if (error != std::errc()) return false;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (text.empty()) return true;
        if (text.front() != '.' || i == 2) return text.front() == '-' || text.front() == '+';
        text.remove_prefix(1);
    }
    return text.empty();
}

// One comparison: ">=2.1.0"; a bare version or "^" means the same major version from there on, "~" the same minor.
std::optional<bool> satisfies(std::string_view term, const Version& version) {
    static constexpr std::string_view operators[] = {">=", "<=", ">", "<", "=", "^", "~"};
    std::string_view op = "^";
    for (const auto candidate : operators) {
        if (term.starts_with(candidate)) {
            op = candidate;
            term.remove_prefix(candidate.size());
            break;
        }
    }
    skip_blanks(term);
    Version wanted{};
    if (!parse_version(term, wanted)) return std::nullopt;
    if (op == ">=") return version >= wanted;
    if (op == "<=") return version <= wanted;
    if (op == ">") return version > wanted;
    if (op == "<") return version < wanted;
    if (op == "=") return version == wanted;
    return version >= wanted && version[0] == wanted[0] && (op == "^" || version[1] == wanted[1]);
}

}  // namespace

std::optional<asio::ip::tcp::endpoint> parse_endpoint(std::string_view text, std::string& why) {
    const auto colon = text.rfind(':');
    unsigned port = 0;
    const auto digits = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || port > 65535) {
        why = "could not parse port for '" + std::string(text) + "'";
        return std::nullopt;
    }
    auto host = std::string(text.substr(0, colon));
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string::npos)
        host.clear();
    error_code problem;
    if (const auto address = asio::ip::make_address(host, problem); !problem)
        return asio::ip::tcp::endpoint(address, static_cast<std::uint16_t>(port));
    if (host.empty() || host.find_first_not_of("0123456789.") == std::string::npos) {
        why = "could not parse address '" + std::string(text) + "'";
        return std::nullopt;
    }
    asio::io_context context;
    asio::ip::tcp::resolver resolver(context);
    const auto found = resolver.resolve(host, std::to_string(port), problem);
    if (problem || found.empty()) {
        why = "Failed to resolve ips for '" + host + "'";
        return std::nullopt;
    }
    return found.begin()->endpoint();
}

std::optional<bool> version_matches(std::string_view requirement, std::string_view version_text) {
    Version version{};
    if (!parse_version(version_text, version)) return std::nullopt;
    while (true) {
        const auto comma = requirement.find(',');
        auto term = requirement.substr(0, comma);
        skip_blanks(term);
        while (!term.empty() && term.back() == ' ') term.remove_suffix(1);
        const auto answer = satisfies(term, version);
        if (!answer || !*answer) return answer;
        if (comma == std::string_view::npos) return true;
        requirement.remove_prefix(comma + 1);
    }
}

std::optional<std::string> canonical_domain(std::string_view name) {
    if (!name.empty() && name.back() == '.') name.remove_suffix(1);
    std::string result(name);
    bool ascii = true;
    for (auto& c : result) {
        if (static_cast<unsigned char>(c) >= 0x80)
            ascii = false;
        else if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + 32);
        // The conversion below would let blanks and slashes through.
        else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'))
            return std::nullopt;
    }
    if (!ascii) {
        char* converted = nullptr;
        if (idn2_to_ascii_8z(std::string(name).c_str(), &converted, IDN2_NONTRANSITIONAL) != IDN2_OK)
            return std::nullopt;
        result = converted;
        idn2_free(converted);
    }
    if (result.empty() || result.size() > 253) return std::nullopt;
    for (std::size_t begin = 0; begin <= result.size();) {
        const auto end = std::min(result.find('.', begin), result.size());
        if (end == begin || end - begin > 63) return std::nullopt;
        begin = end + 1;
    }
    return result;
}

}  // namespace sluice::config
