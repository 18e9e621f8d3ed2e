#include "dsl/ast/recovery.hpp"

#include <algorithm>
#include <array>

#include "dsl/ast/scan.hpp"

namespace sluice::dsl::ast {

namespace {

class Search {
  public:
    Search(std::string_view text, std::uint32_t statement, std::uint32_t error, bool directives)
        : text_(text), error_(error), directives_(directives), scanner_(text, statement) {}

    std::optional<Resume> run() {
        for (;;) {
            const std::size_t depth = scanner_.open().size();
            const Token token = scanner_.next();
            if (scanner_.lost() || token.kind == TokenKind::end) return std::nullopt;
            if (!definition_known_) {
                definition_known_ = true;
                definition_ = is_word(token, {"fn", "private"});
            }
            // Lists of other stages of the same map count too.
            if (list_depth_ != none && depth + 1 < list_depth_) list_depth_ = none;
            const bool directive = directives_ && starts_directive(token);
            if (token.span.begin < error_) {
                if (directive) list_depth_ = depth;
                continue;
            }
            if (directive && depth == list_depth_) return Resume{token.span.begin, true};
            if (const auto next = statement_after(token, depth)) return next;
        }
    }

  private:
    static constexpr std::size_t none = SIZE_MAX;

    [[nodiscard]] std::string_view text_of(const Token& t) const {
        return text_.substr(t.span.begin, t.span.end - t.span.begin);
    }

    template <std::size_t N>
    [[nodiscard]] bool is_word(const Token& token, const std::string_view (&words)[N]) const {
        return token.kind == TokenKind::word &&
               std::find(std::begin(words), std::end(words), text_of(token)) != std::end(words);
    }

    [[nodiscard]] bool starts_directive(const Token& token) const {
        if (is_word(token, {"rule", "action"})) {
            const auto next = token_at(text_, skip_blanks(text_, token.span.end)).kind;
            return next == TokenKind::string || next == TokenKind::template_open;
        }
        return is_word(token, {"delegate"}) &&
               token_at(text_, skip_blanks(text_, token.span.end)).kind == TokenKind::word;
    }

    [[nodiscard]] bool first_on_line(const Token& token) const {
        const auto blank = text_.find_last_not_of(" \t\r\f", token.span.begin == 0 ? 0 : token.span.begin - 1);
        return token.span.begin == 0 || blank == std::string_view::npos || text_[blank] == '\n';
    }

    // At top level: after a `;`, after the body of a function, at a line that begins like a declaration.
    [[nodiscard]] std::optional<Resume> statement_after(const Token& token, std::size_t depth) const {
        if (depth == 0 && first_on_line(token) &&
            is_word(token, {"let", "const", "fn", "private", "import", "export"})) {
            return Resume{token.span.begin, false};
        }
        if (!scanner_.open().empty() || token.kind != TokenKind::symbol) return std::nullopt;
        const std::string_view symbol = token.symbol->text;
        if (symbol == ";" || (symbol == "}" && definition_)) return Resume{token.span.end, false};
        return std::nullopt;
    }

    std::string_view text_;
    std::uint32_t error_;
    bool directives_;
    Scanner scanner_;
    std::size_t list_depth_ = none;  // brackets open around the directive that was read last
    bool definition_ = false;        // the broken statement is a function
    bool definition_known_ = false;
};

}  // namespace

std::optional<Resume> find_resume(std::string_view text, std::uint32_t statement, std::uint32_t error,
                                  bool directives) {
    return Search(text, statement, error, directives).run();
}

}  // namespace sluice::dsl::ast
