// The texts of replies.def with the overrides of config.server.smtp.codes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/smtp/reply.hpp"

namespace sluice::smtp {

enum class ReplyId : std::uint8_t {
#define REPLY(id, text, parent) id,
#include "engine/smtp/replies.def"
#undef REPLY
    None,  // not a reply: "has no parent" in replies.def
};

inline constexpr std::size_t reply_count = static_cast<std::size_t>(ReplyId::None);

// "TlsRequired" -> ReplyId::TlsRequired; exact spelling.
[[nodiscard]] std::optional<ReplyId> reply_id(std::string_view name) noexcept;
[[nodiscard]] std::string_view reply_name(ReplyId id) noexcept;

// What the placeholders of a text expand to; an empty member expands to nothing.
struct ReplyContext {
    std::string_view name;    // {name}
    std::string_view id;      // {id}
    std::string_view domain;  // {domain}
};

// Immutable after configuration, shared by all sessions.
class ReplyTable {
  public:
    ReplyTable();
    void override_with(ReplyId id, Reply reply);

    [[nodiscard]] Reply get(ReplyId id, const ReplyContext& context) const;

  private:
    std::array<Reply, reply_count> current_;
    std::array<bool, reply_count> overridden_{};
};

}  // namespace sluice::smtp
