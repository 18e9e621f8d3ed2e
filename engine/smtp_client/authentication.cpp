#include "engine/smtp_client/authentication.hpp"

#include <openssl/base64.h>
#include <openssl/mem.h>

#include <cstdint>
#include <string_view>

#include "engine/base/limits.hpp"

namespace sluice::smtp_client {

namespace {

std::string base64(std::string_view text) {
    std::string coded((text.size() + 2) / 3 * 4 + 1, '\0');
    const std::size_t size = EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(coded.data()),
                                             reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    coded.resize(size);
    return coded;
}

void wipe(std::string& text) { OPENSSL_cleanse(text.data(), text.size()); }

std::string joined(std::string_view first, std::string second) {
    std::string line;
    line.reserve(first.size() + second.size() + 2);
    line.append(first).append(second).append("\r\n");
    wipe(second);
    return line;
}

}  // namespace

AuthScript::AuthScript(const Credentials& credentials, Mechanism mechanism) {
    if (mechanism == Mechanism::login) {
        lines_.emplace_back("AUTH LOGIN\r\n");
        lines_.push_back(joined({}, base64(credentials.user)));
        lines_.push_back(joined({}, base64(credentials.password)));
        return;
    }
    std::string message;
    message.reserve(credentials.user.size() + credentials.password.size() + 2);
    message.append(1, '\0').append(credentials.user).append(1, '\0').append(credentials.password);
    lines_.push_back(joined("AUTH PLAIN ", base64(message)));
    wipe(message);
    if (lines_.front().size() > limits::command_line) {  // RFC 4954 4: then without an initial response
        lines_.insert(lines_.begin(), "AUTH PLAIN\r\n");
        std::string with_command = std::move(lines_.back());
        lines_.back() = with_command.substr(std::string_view("AUTH PLAIN ").size());
        wipe(with_command);
    }
}

AuthScript::~AuthScript() {
    for (std::string& line : lines_) wipe(line);
}

}  // namespace sluice::smtp_client
