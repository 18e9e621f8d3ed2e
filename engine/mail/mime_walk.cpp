// The walk of mime.hpp: line by line, with a stack of the parts that are open. Each line is looked at once; a boundary
// is found by one look-up among those open, however deep they are.
#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "engine/mail/mime.hpp"
#include "engine/mail/part_header.hpp"

namespace sluice::mail {
namespace {

class Walk {
  public:
    Walk(std::string_view bytes, const WalkLimits& walk_limits) : bytes_(bytes), limits_(walk_limits) {}

    MimeParts run() {
        begin_part(0);
        std::size_t at = 0;
        while (at < bytes_.size() && result_.truncated != Truncation::parts) at = take_line(line_at(bytes_, at));
        // Ends of containers are unknown when the walk stopped early; those of the leaves in them are not.
        close_down_to(0, bytes_.size());
        return std::move(result_);
    }

  private:
    struct Open {
        std::size_t part;
        std::string boundary;               // empty: no multipart, or its last boundary has passed
        std::optional<std::size_t> hidden;  // the level that had the same boundary before
    };
    struct Delimiter {
        std::size_t level;
        bool last;
    };

    // Returns where the next line begins.
    std::size_t take_line(const Line& line) {
        if (const auto delimiter = delimiter_in(line)) {
            close_down_to(delimiter->level + 1, end_before(line));
            if (delimiter->last) {
                forget_boundary(delimiter->level);
            } else {
                begin_part(line.end);
            }
            return line.end;
        }
        if (!in_header_) return line.end;
        if (line.begin == line.text_end) {
            end_header(line.begin, line.end);
            return line.end;
        }
        const std::string_view rest = bytes_.substr(line.begin);
        const auto start = field_start(rest.substr(0, line.text_end - line.begin));
        if (!start) {
            // The first line of the body: it may be a boundary of this very part, or begin the header of a message in
            // it.
            end_header(line.begin, line.begin);
            return line.begin;
        }
        const std::size_t end = field_end(bytes_, line);
        fields_.take(rest.substr(0, start->name_size), rest.substr(start->value, end - line.begin - start->value));
        return end;
    }

    void begin_part(std::size_t at) {
        if (result_.parts.size() == limits_.parts) {
            result_.truncated = Truncation::parts;
            return;
        }
        Part part;
        if (!open_.empty()) {
            part.parent = open_.back().part;
            part.depth = result_.parts[part.parent].depth + 1;
        }
        part.header = part.body = {at, at};
        open_.push_back({result_.parts.size(), {}, {}});
        result_.parts.push_back(std::move(part));
        in_header_ = true;
        fields_ = {};
    }

    // The header of the innermost part ends; a container is opened.
    void end_header(std::size_t header_end, std::size_t body_begin) {
        in_header_ = false;
        Part& part = result_.parts[open_.back().part];
        part.header.end = header_end;
        part.body = {body_begin, body_begin};
        const bool in_digest =
            part.parent != no_parent && result_.parts[part.parent].content_type == "multipart/digest";
        PartHeader header = read_part_header(fields_, in_digest, part);
        if (header.container == Container::none) return;
        if (part.depth >= limits_.depth) {
            if (result_.truncated == Truncation::none) result_.truncated = Truncation::depth;
        } else if (header.container == Container::multipart) {
            remember_boundary(std::move(header.boundary));
        } else {
            begin_part(body_begin);
        }
    }

    // Closes the parts at `level` and deeper; what they hold ends at `end`.
    void close_down_to(std::size_t level, std::size_t end) {
        // More than once: a message/rfc822 whose header is all there is has a part with nothing in it.
        while (in_header_ && open_.size() > level) end_header(end, end);
        while (open_.size() > level) {
            forget_boundary(open_.size() - 1);
            Part& part = result_.parts[open_.back().part];
            for (std::size_t* place : {&part.header.begin, &part.header.end, &part.body.begin}) {
                *place = std::min(*place, end);
            }
            part.body.end = std::max(part.body.begin, end);
            open_.pop_back();
        }
    }

    // Where the text in front of a boundary line ends: its line end belongs to the boundary (RFC 2046 5.1.1).
    [[nodiscard]] std::size_t end_before(const Line& line) const {
        return without_line_end(bytes_.substr(0, line.begin)).size();
    }

    [[nodiscard]] std::optional<Delimiter> delimiter_in(const Line& line) const {
        std::string_view text = bytes_.substr(line.begin, line.text_end - line.begin);
        if (levels_.empty() || !text.starts_with("--")) return std::nullopt;
        text = text.substr(2, text.find_last_not_of(" \t\r") - 1);
        std::optional<Delimiter> found;
        if (const auto level = levels_.find(text); level != levels_.end()) found = {level->second, false};
        if (text.ends_with("--")) {
            const auto level = levels_.find(text.substr(0, text.size() - 2));
            if (level != levels_.end() && (!found || level->second > found->level)) found = {level->second, true};
        }
        return found;
    }

    // The innermost part becomes a multipart with this boundary.
    void remember_boundary(std::string boundary) {
        Open& open = open_.back();
        const auto [place, is_new] = levels_.try_emplace(boundary, open_.size() - 1);
        if (!is_new) open.hidden = std::exchange(place->second, open_.size() - 1);
        open.boundary = std::move(boundary);
    }
    void forget_boundary(std::size_t level) {
        Open& open = open_[level];
        if (open.boundary.empty()) return;
        const auto place = levels_.find(open.boundary);
        if (open.hidden) {
            place->second = *open.hidden;
        } else {
            levels_.erase(place);
        }
        open.boundary.clear();
    }

    std::string_view bytes_;
    WalkLimits limits_;
    MimeParts result_;
    std::vector<Open> open_;
    std::map<std::string, std::size_t, std::less<>> levels_;  // boundary to the innermost part of open_ that has it
    PartFields fields_;
    bool in_header_ = false;
};

}  // namespace

MimeParts parts(const Message& message, const WalkLimits& walk_limits) {
    auto bytes = message.bytes();
    MimeParts result = Walk(*bytes, walk_limits).run();
    result.bytes = std::move(bytes);
    return result;
}

Decoded decode(const MimeParts& mime, const Part& part, std::size_t most) {
    return decode(part.encoding, mime.body(part), most);
}

std::size_t decoded_size(const MimeParts& mime, const Part& part) {
    return decoded_size(part.encoding, mime.body(part));
}

std::vector<const Part*> attachments(const MimeParts& mime) {
    std::vector<const Part*> found;
    for (const Part& part : mime.parts) {
        if (part.is_attachment) found.push_back(&part);
    }
    return found;
}

}  // namespace sluice::mail
