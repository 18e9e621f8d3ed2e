#include "engine/smtp_client/content.hpp"

#include <algorithm>
#include <cstring>

#include "engine/base/limits.hpp"

namespace sluice::smtp_client {

namespace {

const char* find(const char* begin, const char* end, char wanted) {
    const void* const found = std::memchr(begin, wanted, static_cast<std::size_t>(end - begin));
    return found != nullptr ? static_cast<const char*>(found) : end;
}

// Lines across pieces.
class Examination {
  public:
    void add(std::string_view piece) {
        if (piece.empty()) return;
        facts_.octets += piece.size();
        const char* at = piece.data();
        const char* const end = at + piece.size();
        facts_.nul = facts_.nul || find(at, end, '\0') != end;
        while (at != end) at = after_cr_ ? line_feed(at) : line(at, end);
    }
    [[nodiscard]] ContentFacts result() const {
        ContentFacts facts = facts_;
        facts.lone_newline = facts.lone_newline || after_cr_;
        facts.ends_with_line = line_start_;
        return facts;
    }

  private:
    const char* line_feed(const char* at) {
        after_cr_ = false;
        if (*at == '\n') {
            line_start_ = true;
            return at + 1;
        }
        facts_.lone_newline = true;
        return at;
    }
    // The rest of a line, up to its CR.
    const char* line(const char* at, const char* end) {
        if (line_start_ && *at == '.') facts_.leading_dots = true;
        line_start_ = false;
        const char* const cr = find(at, end, '\r');
        if (find(at, cr, '\n') != cr) facts_.lone_newline = true;
        if (cr == end) return end;
        after_cr_ = true;
        return cr + 1;
    }

    ContentFacts facts_;
    bool after_cr_ = false;
    bool line_start_ = true;
};

}  // namespace

ContentFacts examine(std::span<const std::string_view> pieces) {
    Examination examination;
    for (const std::string_view piece : pieces) examination.add(piece);
    return examination.result();
}

void ContentViews::skip_empty() noexcept {
    while (!pieces_.empty() && offset_ == pieces_.front().size()) {
        pieces_ = pieces_.subspan(1);
        offset_ = 0;
    }
}

void ContentViews::fill(std::vector<std::string_view>& into) {
    std::size_t room = limits::client_block;
    for (std::size_t views = 0; views < kViews && room > 0 && !done(); ++views) {
        const std::string_view view = next(room);
        into.push_back(view);
        room -= view.size();
        skip_empty();
    }
}

std::string_view ContentViews::next(std::size_t room) {
    std::string_view rest = pieces_.front().substr(offset_, room);
    if (stuff_) {
        if (line_start_ && rest.front() == '.') {
            line_start_ = false;
            return ".";
        }
        // Up to the next line that begins with a dot; at the end of what is in sight nobody knows.
        const char* const begin = rest.data();
        const char* const end = begin + rest.size();
        const char* at = begin;
        do {
            at = std::min(find(at, end, '\n') + 1, end);
        } while (at != end && *at != '.');
        rest = rest.substr(0, static_cast<std::size_t>(at - begin));
        line_start_ = rest.back() == '\n';
    }
    offset_ += rest.size();
    return rest;
}

}  // namespace sluice::smtp_client
