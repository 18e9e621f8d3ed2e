#include "engine/smtp_client/recipient_result.hpp"

#include <array>

namespace sluice::smtp_client {

std::string_view to_string(Command command) noexcept {
    static constexpr std::array<std::string_view, 12> kTexts = {
#define CLIENT_COMMAND(name, text, timeout) text,
#include "engine/smtp_client/commands.def"
#undef CLIENT_COMMAND
    };
    return kTexts[static_cast<std::size_t>(command)];
}

}  // namespace sluice::smtp_client
