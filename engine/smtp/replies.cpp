#include "engine/smtp/replies.hpp"

#include <cassert>
#include <utility>

namespace sluice::smtp {
namespace {

struct Row {
    std::string_view name;
    std::string_view text;
    ReplyId parent;
};

constexpr std::array<Row, reply_count> rows{{
#define REPLY(id, text, parent) Row{#id, text, ReplyId::parent},
#include "engine/smtp/replies.def"
#undef REPLY
}};

constexpr std::size_t index(ReplyId id) { return static_cast<std::size_t>(id); }

void expand(std::string& line, std::string_view placeholder, std::string_view value) {
    for (std::size_t at = line.find(placeholder); at != std::string::npos;
         at = line.find(placeholder, at + value.size())) {
        line.replace(at, placeholder.size(), value);
    }
}

}  // namespace

std::optional<ReplyId> reply_id(std::string_view name) noexcept {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].name == name) return static_cast<ReplyId>(i);
    }
    return std::nullopt;
}

std::string_view reply_name(ReplyId id) noexcept { return rows[index(id)].name; }

ReplyTable::ReplyTable() {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::optional<Reply> reply = Reply::parse(rows[i].text);
        assert(reply && "replies.def holds a text that is no reply");
        current_[i] = std::move(*reply);
    }
}

void ReplyTable::override_with(ReplyId id, Reply reply) {
    overridden_[index(id)] = true;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].parent == id && !overridden_[i]) current_[i] = reply;
    }
    current_[index(id)] = std::move(reply);
}

Reply ReplyTable::get(ReplyId id, const ReplyContext& context) const {
    Reply reply = current_[index(id)];
    for (std::string& line : reply.lines) {
        if (line.find('{') == std::string::npos) continue;
        expand(line, "{name}", context.name);
        expand(line, "{id}", context.id);
        expand(line, "{domain}", context.domain);
    }
    return reply;
}

}  // namespace sluice::smtp
