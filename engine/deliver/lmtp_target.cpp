#include "engine/deliver/lmtp_target.hpp"

#include <fmt/format.h>
#include <sys/un.h>

#include "engine/deliver/forward_target.hpp"

namespace sluice::deliver {

namespace {

constexpr std::size_t kLongestSocket = sizeof(sockaddr_un::sun_path) - 1;

ParsedLmtpTarget wrong(std::string why) { return {std::nullopt, std::move(why)}; }

ParsedLmtpTarget socket_of(std::string_view path) {
    if (!path.starts_with('/')) return wrong("the path of a local socket must be absolute");
    if (path.find('\0') != std::string_view::npos) return wrong("the path of a local socket holds an octet 0");
    if (path.size() > kLongestSocket)
        return wrong(
            fmt::format("the path of a local socket has {} octets; the system takes {}", path.size(), kLongestSocket));
    return {LmtpTarget{{}, 0, std::string(path)}, {}};
}

// "2003" of "host:2003" and "[::1]:2003"; an address without brackets has no port.
bool has_port(std::string_view text) {
    if (text.starts_with('[')) return text.find("]:") != std::string_view::npos;
    const auto colon = text.find(':');
    return colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
}

}  // namespace

ParsedLmtpTarget parse_lmtp_target(std::string_view text) {
    if (text.find('/') != std::string_view::npos) return socket_of(text);
    if (!has_port(text))
        return wrong(
            fmt::format("'{}' has no port: write lmtp:HOST:PORT, lmtp:[ADDRESS]:PORT or lmtp:/path/of/socket", text));
    // Host and port are read as those of forward are.
    auto parsed = parse_forward_target(fmt::format("smtp://{}", text));
    if (!parsed.target) return wrong(std::move(parsed.error));
    if (!parsed.target->user.empty() || text.find_first_of("@?") != std::string_view::npos)
        return wrong("LMTP takes neither credentials nor parameters");
    return {LmtpTarget{parsed.target->host, parsed.target->port, {}}, {}};
}

}  // namespace sluice::deliver
