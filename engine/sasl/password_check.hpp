// Somebody who knows which password belongs to whom.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/base/asio.hpp"

namespace sluice::sasl {

struct PasswordVerdict {
    bool right = false;
    std::string error;  // not empty: nobody knows, because of this
};

using PasswordCheck = std::function<asio::awaitable<PasswordVerdict>(std::string user, std::string password)>;

}  // namespace sluice::sasl
