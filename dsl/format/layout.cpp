#include "dsl/format/layout.hpp"

#include <algorithm>

#include "dsl/source/utf8.hpp"

namespace sluice::dsl::format {

namespace {

constexpr std::size_t width = 100;
constexpr std::size_t indent_width = 4;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

// A comment of several lines that each begin with `*`, as opposed to one that somebody has drawn.
bool is_starred(std::string_view comment) {
    if (!comment.starts_with("/*")) return false;
    for (auto at = comment.find('\n'); at != std::string_view::npos; at = comment.find('\n', at)) {
        at = comment.find_first_not_of(" \t\f", at + 1);
        if (at == std::string_view::npos || comment[at] != '*') return false;
    }
    return comment.find('\n') != std::string_view::npos;
}

}  // namespace

void Layout::begin() {
    open_.push_back(pieces_.size());
    add(Kind::begin);
}

void Layout::end() {
    open_.pop_back();
    forced_ = std::min(forced_, open_.size());
    add(Kind::end);
}

void Layout::force() {
    for (; forced_ < open_.size(); ++forced_) pieces_[open_[forced_]].broken = true;
}

void Layout::comment_beside(std::string_view text) {
    force();
    add(Kind::beside, text);
}

void Layout::comment_above(std::string_view text) {
    force();
    add(Kind::above, text);
}

class Renderer {
  public:
    Renderer(const std::vector<Layout::Piece>& pieces, std::string_view line_break)
        : pieces_(pieces), line_break_(line_break) {}

    std::string run() {
        for (at_ = 0; at_ < pieces_.size(); ++at_) step(pieces_[at_]);
        if (!line_start_) new_line();
        return std::move(out_);
    }

  private:
    using Kind = Layout::Kind;

    [[nodiscard]] bool broken() const { return groups_.empty() || groups_.back(); }

    void step(const Layout::Piece& piece) {
        switch (piece.kind) {
            case Kind::text: write(piece.text, piece.column); break;
            case Kind::space: space_ = true; break;
            case Kind::line: broken() ? new_line() : void(space_ = true); break;
            case Kind::soft:
                if (broken()) new_line();
                break;
            case Kind::hard: new_line(); break;
            case Kind::blank_line:
                if (line_start_ && broken()) out_ += line_break_;
                break;
            case Kind::comma:
                if (broken()) write(",", 0);
                break;
            case Kind::begin: groups_.push_back(piece.broken || !fits()); break;
            case Kind::end: groups_.pop_back(); break;
            case Kind::indent: ++indent_; break;
            case Kind::dedent: --indent_; break;
            case Kind::beside:
                // Several of `/* */` stand beside one token; after `//` a new line begins.
                if (!after_line_comment_) ends_ = false;
                space_ = true;
                comment(piece.text);
                break;
            case Kind::above:
                new_line();
                comment(piece.text);
                break;
        }
    }

    void new_line() {
        ends_ = space_ = false;
        if (line_start_) return;
        out_ += line_break_;
        line_start_ = true;
        column_ = 0;
    }

    void write(std::string_view text, std::uint32_t old_column) {
        if (ends_) new_line();
        if (line_start_) {
            column_ = indent_ * indent_width;
            out_.append(column_, ' ');
        } else if (space_) {
            out_ += ' ';
            ++column_;
        }
        line_start_ = space_ = false;
        const auto first = std::min(text.find('\n'), text.size());
        if (first == text.size()) {
            out_ += text;
            column_ += count_scalars(text);
            return;
        }
        if (old_column != 0 && text.starts_with('"'))
            continued_string(text, old_column);
        else
            out_ += text;
        column_ = count_scalars(text.substr(text.rfind('\n') + 1));
    }

    // The blanks at the beginning of a further line do not count up to the column of the opening quote; those behind
    // do.
    void continued_string(std::string_view text, std::uint32_t old_column) {
        const std::size_t new_column = column_ + 1;
        for (std::size_t at = 0; at < text.size();) {
            const auto next = std::min(text.find('\n', at), text.size() - 1) + 1;
            out_ += text.substr(at, next - at);
            at = next;
            if (at == text.size()) break;
            for (std::uint32_t n = 0; n < old_column && at < text.size() && is_blank(text[at]); ++n) ++at;
            out_.append(new_column, ' ');
        }
    }

    void comment(std::string_view text) {
        if (is_starred(text)) {
            const auto indent = std::string(indent_ * indent_width + 1, ' ');
            for (auto end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
                auto line = text.substr(0, end);
                if (line.ends_with('\r')) line.remove_suffix(1);
                write(line, 0);
                out_ += line_break_;
                out_ += indent;
                text.remove_prefix(text.find_first_not_of(" \t\f", end + 1));
            }
        }
        write(text, 0);
        ends_ = true;
        after_line_comment_ = text.starts_with("//");
    }

    // Whether the group that begins here stands on this line, with what follows up to the next place for a break.
    [[nodiscard]] bool fits() const {
        std::size_t used = line_start_ ? indent_ * indent_width : column_ + (space_ ? 1 : 0);
        std::size_t depth = 0;
        bool behind = false;  // the group has ended; what follows may break where it can
        for (std::size_t i = at_; i < pieces_.size() && used <= width; ++i) {
            const auto& piece = pieces_[i];
            switch (piece.kind) {
                case Kind::text: {
                    const auto first = std::min(piece.text.find('\n'), piece.text.size());
                    used += count_scalars(piece.text.substr(0, std::min(first, width + 1)));
                    if (first != piece.text.size()) return used <= width;
                    break;
                }
                case Kind::space: ++used; break;
                case Kind::line:
                case Kind::soft:
                    if (behind) return used <= width;
                    used += piece.kind == Kind::line ? 1 : 0;
                    break;
                case Kind::hard:
                case Kind::beside:
                case Kind::above: return used <= width;
                case Kind::begin: ++depth; break;
                case Kind::end: behind = behind || --depth == 0; break;
                default: break;
            }
        }
        return used <= width;
    }

    const std::vector<Layout::Piece>& pieces_;
    std::string_view line_break_;
    std::string out_;
    std::size_t at_ = 0;
    std::size_t column_ = 0;
    std::size_t indent_ = 0;
    std::vector<bool> groups_;
    bool line_start_ = true;
    bool space_ = false;
    bool after_line_comment_ = false;
    bool ends_ = false;  // a comment stands here: nothing may follow on this line
};

std::string Layout::render(std::string_view line_break) const { return Renderer(pieces_, line_break).run(); }

}  // namespace sluice::dsl::format
