// A text with places where it may break, and the choice among them: a group stands on one line if it fits, else breaks
// at all its places. The writer adds the pieces in order; render() makes one pass over them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dsl::format {

class Layout {
  public:
    // `column`: where the text began in its file; a string that continues on the next line depends on it.
    void text(std::string_view text, std::uint32_t column = 0) { add(Kind::text, text, column); }
    void space() { add(Kind::space); }
    void line() { add(Kind::line); }  // a blank or a line break
    void soft() { add(Kind::soft); }  // nothing or a line break
    void hard() {                     // a line break
        force();
        add(Kind::hard);
    }
    void blank_line() { add(Kind::blank_line); }  // where a line begins: an empty one before it
    void comma_if_broken() { add(Kind::comma); }
    void begin();
    void end();
    void indent() { add(Kind::indent); }
    void dedent() { add(Kind::dedent); }
    // Behind what stands on this line; the line ends after it.
    void comment_beside(std::string_view text);
    // On a line of its own.
    void comment_above(std::string_view text);
    // The groups that are open break.
    void force();

    [[nodiscard]] std::string render(std::string_view line_break) const;

  private:
    friend class Renderer;
    enum class Kind : std::uint8_t {
        text,
        space,
        line,
        soft,
        hard,
        blank_line,
        comma,
        begin,
        end,
        indent,
        dedent,
        beside,
        above,
    };
    struct Piece {
        Kind kind;
        bool broken = false;  // of begin: something in the group forces it
        std::uint32_t column = 0;
        std::string_view text;
    };
    void add(Kind kind, std::string_view text = {}, std::uint32_t column = 0) {
        pieces_.push_back({kind, false, column, text});
    }

    std::vector<Piece> pieces_;
    std::vector<std::size_t> open_;  // begins
    std::size_t forced_ = 0;         // the first so many of them are broken already
};

}  // namespace sluice::dsl::format
