// W0105: a regular expression that matches no text at all. What it cannot read it takes for one that matches.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "dsl/lint/lints.hpp"

namespace sluice::dsl::lint {

using namespace ast;

namespace {

// What can be said about a part of an expression.
struct Part {
    bool possible = true;      // matches something
    bool consumes = false;     // every match is at least one character long
    bool needs_start = false;  // every match begins at the start of the text
    bool needs_end = false;    // every match ends at its end
};

// RE2's syntax as far as these questions need it.
class Reader {
  public:
    explicit Reader(std::string_view pattern) : rest_(pattern) {}

    // Nothing if there is something in the expression that this does not understand.
    std::optional<Part> read() {
        const auto whole = alternatives(0);
        if (!rest_.empty()) give_up();
        return gave_up_ ? std::nullopt : std::optional(whole);
    }

    // A class that excludes every character was seen.
    [[nodiscard]] bool empty_class() const noexcept { return empty_class_; }

  private:
    [[nodiscard]] bool take(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }

    // Reading ends, for there is nothing left to read.
    Part give_up() {
        gave_up_ = true;
        rest_ = {};
        return {};
    }

    Part alternatives(int depth) {
        if (depth > 50) return give_up();
        std::vector<Part> parts;
        do parts.push_back(sequence(depth));
        while (take("|"));
        Part result{false, true, true, true};
        for (const auto& part : parts) {
            if (!part.possible) continue;
            result.possible = true;
            result.consumes = result.consumes && part.consumes;
            result.needs_start = result.needs_start && part.needs_start;
            result.needs_end = result.needs_end && part.needs_end;
        }
        return result;
    }

    Part sequence(int depth) {
        Part result;
        while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
            const auto next = repeated(depth);
            result.possible = result.possible && next.possible && !(result.consumes && next.needs_start) &&
                              !(result.needs_end && next.consumes);
            result.consumes = result.consumes || next.consumes;
            result.needs_start = result.needs_start || next.needs_start;
            result.needs_end = result.needs_end || next.needs_end;
        }
        return result;
    }

    Part repeated(int depth) {
        auto part = atom(depth);
        for (;;) {
            if (take("*") || take("?"))
                part = {};
            else if (take("+"))
                ;
            else if (const auto least = counted(); least) {
                if (*least == 0) part = {};
            } else
                return part;
        }
    }

    // {n}, {n,}, {n,m}; anything else is a brace.
    std::optional<int> counted() {
        if (!rest_.starts_with('{')) return std::nullopt;
        const auto end = rest_.find('}');
        if (end == std::string_view::npos || end < 2) return std::nullopt;
        const auto inside = rest_.substr(1, end - 1);
        if (inside.find_first_not_of("0123456789,") != std::string_view::npos || inside.front() == ',')
            return std::nullopt;
        rest_.remove_prefix(end + 1);
        return inside.front() == '0' && (inside.size() == 1 || inside[1] == ',') ? 0 : 1;
    }

    Part atom(int depth) {
        if (take("^")) return {.needs_start = true};
        if (take("$")) return {.needs_end = true};
        if (take("(")) return group(depth);
        if (take("[")) return character_class();
        if (take("\\")) return escape();
        const auto bytes = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(std::min<std::size_t>(rest_.size(), bytes < 0xC0   ? 1
                                                                : bytes < 0xE0 ? 2
                                                                : bytes < 0xF0 ? 3
                                                                               : 4));
        return {.consumes = true};
    }

    Part group(int depth) {
        if (take("?")) {
            if (!take(":")) return give_up();  // flags change what ^ and $ mean
        }
        const auto inside = alternatives(depth + 1);
        if (!take(")")) return give_up();
        return inside;
    }

    Part escape() {
        if (take("A")) return {.needs_start = true};
        if (take("z")) return {.needs_end = true};
        if (take("b") || take("B")) return {};
        if (rest_.empty() || rest_.starts_with('Q') || rest_.starts_with('p') || rest_.starts_with('P') ||
            rest_.starts_with('x') || rest_.starts_with('C'))
            return give_up();
        rest_.remove_prefix(1);
        return {.consumes = true};
    }

    // Empty if everything is excluded.
    Part character_class() {
        const bool negated = take("^");
        std::string_view before = rest_;
        if (rest_.starts_with(']')) rest_.remove_prefix(1);  // first, it stands for itself
        while (!rest_.starts_with(']')) {
            if (rest_.empty()) return give_up();
            if (rest_.starts_with("[:")) {
                const auto end = rest_.find(":]");
                if (end == std::string_view::npos) return give_up();
                rest_.remove_prefix(end + 2);
            } else {
                rest_.remove_prefix(std::min<std::size_t>(rest_.size(), rest_.front() == '\\' ? 2 : 1));
            }
        }
        const auto inside = before.substr(0, before.size() - rest_.size());
        rest_.remove_prefix(1);
        const auto both = [&](char c) {
            const char small[] = {'\\', c, 0};
            const char large[] = {'\\', static_cast<char>(c - 'a' + 'A'), 0};
            return inside.find(small) != std::string_view::npos && inside.find(large) != std::string_view::npos;
        };
        const bool everything =
            both('s') || both('d') || both('w') || inside == "\\x00-\\x{10FFFF}" || inside == "\\x{0}-\\x{10FFFF}";
        empty_class_ = empty_class_ || (negated && everything);
        return {.possible = !(negated && everything), .consumes = true};
    }

    std::string_view rest_;
    bool gave_up_ = false;
    bool empty_class_ = false;
};

}  // namespace

void regexes(const File& file) {
    for_each_node(file.tree, [&](const Node& node) {
        if (node.kind != Kind::call) return;
        const auto& call = as<Call>(node);
        const auto name = file.literals.native_name(call);
        if ((name != "regex" && name != "obj::regex") || call.args.size() != 1) return;
        const auto pattern = file.literals.value(*call.args[0]);
        if (!pattern || !pattern->is_string() || !file.literals.value(call)) return;
        Reader reader(pattern->as_string());
        const auto whole = reader.read();
        if (!whole || whole->possible) return;
        file.warn(Code::regex_never_matches, call.args[0]->span,
                  fmt::format("the regular expression '{}' can never match", pattern->as_string()),
                  reader.empty_class() ? "the class excludes every character; `.` is any of them"
                                       : "^ stands for the start of the text and $ for its end; write \\\\^ or \\\\$ "
                                         "for the characters, or turn "
                                         "them round");
    });
}

}  // namespace sluice::dsl::lint
