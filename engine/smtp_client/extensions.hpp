// What a server offers in its reply to EHLO or LHLO (RFC 5321 4.1.1.1).
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::smtp_client {

struct Extensions {
#define CLIENT_EXTENSION(name, keyword) bool name = false;
#include "engine/smtp_client/extensions.def"
#undef CLIENT_EXTENSION
    bool size = false;             // RFC 1870
    std::uint64_t size_limit = 0;  // 0: none announced
    bool auth_plain = false;       // RFC 4616
    bool auth_login = false;

    // `text` as Reply::text. The first line is the server's name and no keyword; keywords are case-blind; what is
    // unknown is passed over.
    [[nodiscard]] static Extensions parse(std::string_view text);
};

}  // namespace sluice::smtp_client
