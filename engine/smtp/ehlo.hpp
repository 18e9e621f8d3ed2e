// The EHLO reply, generated from extensions.def.
#pragma once

#include "engine/smtp/replies.hpp"
#include "engine/smtp/settings.hpp"

namespace sluice::smtp {

struct EhloState {
    const Settings& settings;
    bool secured = false;
    bool can_start_tls = false;               // not secured, not switched off, and there is a certificate
    std::vector<sasl::Mechanism> mechanisms;  // of AUTH, that work here and now
};

[[nodiscard]] Reply ehlo_reply(const EhloState& state, const ReplyContext& context);

}  // namespace sluice::smtp
