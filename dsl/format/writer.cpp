// Tokens, the comments around them, and lists of things.
#include "dsl/format/writer.hpp"

#include <algorithm>

#include "grammar/vsl/words.hpp"

namespace sluice::dsl::format {

Writer::Writer(const ast::Ast& ast) : ast_(ast), text_(ast.source()->text()) {}

std::string Writer::run() {
    std::uint32_t head = text_.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    const bool hash_bang = text_.substr(head, 2) == "#!";
    if (hash_bang) head = static_cast<std::uint32_t>(std::min(text_.find_first_of("\r\n", head), text_.size()));
    const auto trivia = read_trivia(text_, head);
    above_ = trivia.trailing;
    above_.insert(above_.end(), trivia.leading.begin(), trivia.leading.end());
    at_ = trivia.end;
    breaks_ = trivia.breaks;

    std::vector<const ast::Node*> all(ast_.statements.begin(), ast_.statements.end());
    all.insert(all.end(), ast_.functions.begin(), ast_.functions.end());
    std::ranges::stable_sort(all, {}, [](const ast::Node* node) { return node->span.begin; });
    statements(all, !hash_bang);
    if (comments_wait()) hard();
    comments_before_end(all.empty() && !hash_bang);
    end_of_line();
    if (at_ != text_.size()) throw Lost{};
    const auto line_end = text_.find('\n');
    const bool dos = line_end != std::string_view::npos && line_end > 0 && text_[line_end - 1] == '\r';
    const std::string line_break = dos ? "\r\n" : "\n";
    return std::string(text_.substr(0, head)) + (hash_bang ? line_break : "") + layout_.render(line_break);
}

void Writer::move_past(std::uint32_t length) {
    auto trivia = read_trivia(text_, at_ + length);
    at_ = trivia.end;
    breaks_ = trivia.breaks;
    // What stands beside a token that had comments above it is not beside those.
    if (above_.empty())
        beside_.insert(beside_.end(), trivia.trailing.begin(), trivia.trailing.end());
    else
        above_.insert(above_.end(), trivia.trailing.begin(), trivia.trailing.end());
    above_.insert(above_.end(), trivia.leading.begin(), trivia.leading.end());
}

void Writer::end_of_line() {
    for (const auto& comment : beside_) layout_.comment_beside(comment.text);
    beside_.clear();
}

void Writer::take(std::uint32_t length) {
    end_of_line();
    bool first = true;
    for (const auto& comment : above_) comment_above(comment, first);
    above_.clear();
    const auto text = text_.substr(at_, length);
    layout_.text(text, text.find('\n') == text.npos ? 0 : ast_.source()->position(at_).column);
    move_past(length);
}

void Writer::token(std::string_view expected) {
    if (!next_is(expected)) throw Lost{};
    take(static_cast<std::uint32_t>(expected.size()));
}

void Writer::word(std::string_view expected) {
    if (grammar::vsl::word_length(rest()) != expected.size()) throw Lost{};
    token(expected);
}

void Writer::literal() {
    const auto length = literal_length(text_, at_);
    if (length == 0) throw Lost{};
    take(length);
}

// `a /* why */)`: a comment between a token and what closes or separates belongs to the token.
void Writer::comments_inside() {
    if (std::ranges::any_of(above_, &Comment::alone)) return;
    for (const auto& comment : above_) {
        layout_.space();
        layout_.text(comment.text);
    }
    above_.clear();
}

void Writer::closer(std::string_view expected) {
    comments_inside();
    token(expected);
}

void Writer::separator(std::string_view expected) {
    if (!next_is(expected)) throw Lost{};
    if (beside_.empty()) comments_inside();
    layout_.text(expected);
    move_past(static_cast<std::uint32_t>(expected.size()));
}

void Writer::drop(std::string_view expected) {
    if (!next_is(expected)) throw Lost{};
    move_past(static_cast<std::uint32_t>(expected.size()));
}

std::uint32_t Writer::breaks() const { return above_.empty() ? breaks_ : above_.front().breaks_before; }

void Writer::comment_above(const Comment& comment, bool& first) {
    const bool apart = comment.breaks_before > 1 && !first;
    first = false;
    if (apart) {
        layout_.hard();
        layout_.blank_line();
    }
    if (!comment.alone) {
        layout_.text(comment.text);
        layout_.space();
    } else if (comment.joined) {
        layout_.comment_beside(comment.text);
    } else {
        layout_.comment_above(comment.text);
    }
}

// At the beginning of a line, before what stands there.
void Writer::item_start(bool first) {
    end_of_line();
    bool alone = true;
    for (const auto& comment : above_) {
        comment_above(comment, first);
        alone = comment.alone;
    }
    if (!above_.empty() && alone) layout_.hard();
    above_.clear();
    if (alone && breaks_ > 1 && !first) layout_.blank_line();
}

// Comments behind the last item of a list stay inside it.
void Writer::comments_before_end(bool first) {
    end_of_line();
    std::size_t alone = above_.size();
    while (alone > 0 && !above_[alone - 1].alone) --alone;
    for (std::size_t i = 0; i < alone; ++i) comment_above(above_[i], first);
    above_.erase(above_.begin(), above_.begin() + static_cast<std::ptrdiff_t>(alone));
}

void Writer::list(const ListStyle& style, std::size_t count, const std::function<void(std::size_t)>& item) {
    token(style.open);
    if (count == 0 && !comments_wait()) return token(style.close);
    layout_.begin();
    if (style.tall || (style.keep && breaks() != 0)) layout_.force();
    layout_.indent();
    style.spaced ? line() : soft();
    for (std::size_t i = 0; i < count; ++i) {
        item_start(i == 0);
        item(i);
        if (i + 1 < count) {
            separator(",");
            line();
        } else if (next_is(",")) {
            if (beside_.empty()) comments_inside();
            drop(",");
        }
    }
    if (count != 0) layout_.comma_if_broken();
    comments_before_end(count == 0);
    comments_inside();
    layout_.dedent();
    style.spaced ? line() : soft();
    token(style.close);
    layout_.end();
}

void Writer::parameters(ast::List<ast::Decl*> params) {
    list({"(", ")"}, params.size(), [&](std::size_t i) { word(params[i]->name); });
}

}  // namespace sluice::dsl::format
