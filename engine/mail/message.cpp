#include "engine/mail/message.hpp"

#include "engine/mail/header_lines.hpp"

namespace sluice::mail {

Message::Message(std::shared_ptr<const std::string> bytes) : received_(std::move(bytes)), header_(received_) {}

std::string_view Message::rest() const { return std::string_view(*received_).substr(header_.raw_end()); }

std::string_view Message::body() const {
    std::string_view body = rest();
    if (header_.has_empty_line()) body.remove_prefix(body.front() == '\r' ? 2 : 1);
    return body;
}

std::string_view Message::separator() const {
    const std::string_view behind = rest();
    return !behind.empty() && is_blank(behind.front()) && header_.size() > 0 ? "\r\n" : "";
}

std::size_t Message::size() const {
    if (!edited()) return received_->size();
    return header_.size() + separator().size() + rest().size();
}

std::shared_ptr<const std::string> Message::bytes() const {
    if (!edited()) return received_;
    if (built_ && built_revision_ == header_.revision()) return built_;
    std::string whole;
    whole.reserve(size());
    header_.write_to(whole);
    whole += separator();
    whole += rest();
    built_ = std::make_shared<const std::string>(std::move(whole));
    built_revision_ = header_.revision();
    return built_;
}

}  // namespace sluice::mail
