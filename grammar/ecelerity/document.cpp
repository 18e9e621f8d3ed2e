#include "grammar/ecelerity/document.hpp"

#include <utility>

#include "grammar/ecelerity/error_texts.hpp"
#include "grammar/ecelerity/limits.hpp"

namespace sluice::grammar::ecelerity {

namespace {

struct OpenValue {
    std::uint32_t begin = 0;
    std::vector<Value> items;
};

// What is open while the text is read: stanzas with their statements so far, values with their items so far.
struct State {
    vsl::Nesting nesting;
    const char* base = nullptr;
    std::vector<Statement> open{1};    // the outermost one stands for the file
    std::vector<OpenValue> values{1};  // the outermost one holds the value of the option that is being read
    std::string text;                  // the last one read
    TextRange text_range;
    bool quoted = false;

    explicit State(const char* begin) : base(begin) { nesting.limit = max_depth; }

    [[nodiscard]] std::uint32_t offset(const char* at) const { return static_cast<std::uint32_t>(at - base); }
    template <class Input>
    [[nodiscard]] TextRange range(const Input& in) const {
        return {offset(in.begin()), offset(in.end())};
    }
    void take_value(Value value) { values.back().items.push_back(std::move(value)); }
    [[nodiscard]] Value last_value() {
        Value value = std::move(values.back().items.back());
        values.back().items.pop_back();
        return value;
    }
    void close_value(Value::Kind kind, std::uint32_t end) {
        OpenValue done = std::move(values.back());
        values.pop_back();
        take_value({.kind = kind, .items = std::move(done.items), .range = {done.begin, end}});
    }
    // The innermost statement is complete and becomes one of those of its stanza.
    void close_statement() {
        Statement done = std::move(open.back());
        open.pop_back();
        open.back().body.push_back(std::move(done));
    }
};

std::string unescaped(std::string_view text, char quote) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == quote || text[i + 1] == '\\')) ++i;
        out += text[i];
    }
    return out;
}

template <class Rule>
struct Action : p::nothing<Rule> {};

template <>
struct Action<word> {
    template <class Input>
    static void apply(const Input& in, State& state) {
        state.text = in.string();
        state.text_range = state.range(in);
        state.quoted = false;
    }
};
template <char Quote>
struct Action<quoted_text<Quote>> {
    template <class Input>
    static void apply(const Input& in, State& state) {
        state.text = unescaped(in.string_view(), Quote);
        state.text_range = state.range(in);
        state.quoted = true;
    }
};

template <>
struct Action<include_word> {
    template <class Input>
    static void apply(const Input& in, State& state) {
        state.open.push_back({.kind = Statement::Kind::include, .name = in.string(), .range = state.range(in)});
    }
};
template <>
struct Action<include_path> {
    static void apply0(State& state) {
        state.open.back().header = state.text;
        state.open.back().has_header = true;
        state.close_statement();
    }
};

template <>
struct Action<name> {
    static void apply0(State& state) { state.open.push_back({.name = state.text, .range = state.text_range}); }
};
template <>
struct Action<header> {
    static void apply0(State& state) {
        state.open.back().header = state.text;
        state.open.back().has_header = true;
    }
};
template <>
struct Action<option_value> {
    static void apply0(State& state) {
        state.open.back().value = state.last_value();
        state.close_statement();
    }
};
template <>
struct Action<block_open> {
    static void apply0(State& state) { state.open.back().kind = Statement::Kind::stanza; }
};
template <>
struct Action<block_close> {
    static void apply0(State& state) { state.close_statement(); }
};

struct OpenAction {
    template <class Input>
    static void apply(const Input& in, State& state) {
        state.values.push_back({state.offset(in.begin()), {}});
    }
};
template <>
struct Action<list_open> : OpenAction {};
template <>
struct Action<dictionary_open> : OpenAction {};

template <Value::Kind Kind>
struct CloseAction {
    template <class Input>
    static void apply(const Input& in, State& state) {
        state.close_value(Kind, state.offset(in.end()));
    }
};
template <>
struct Action<list_close> : CloseAction<Value::Kind::list> {};
template <>
struct Action<dictionary_close> : CloseAction<Value::Kind::dictionary> {};

template <>
struct Action<value_text> {
    static void apply0(State& state) {
        state.take_value({.text = state.text, .quoted = state.quoted, .range = state.text_range});
    }
};
template <>
struct Action<dictionary_value> {
    static void apply0(State& state) {
        Value value = state.last_value();
        value.key = state.last_value().text;
        state.take_value(std::move(value));
    }
};

template <class Rule>
struct Control : p::normal<Rule> {
    template <class Input>
    [[noreturn]] static void raise(const Input& in, const State& state) {
        static_assert(expected<Rule>.message != nullptr, "error_texts.hpp has no text for this rule");
        throw SyntaxError{state.offset(in.current()) - expected<Rule>.back, expected<Rule>.message,
                          expected<Rule>.hint};
    }
};

}  // namespace

std::variant<Document, SyntaxError> parse(std::string_view text) {
    if (text.size() > max_file) return SyntaxError{0, "the file is too large", "64 MiB are read"};
    State state(text.data());
    p::memory_input<p::tracking_mode::lazy, p::eol::lf_crlf, const char*> in(text.data(), text.data() + text.size(),
                                                                             "");
    try {
        // What does not match raises: `file` ends in a need<>.
        (void)p::parse<file, Action, Control>(in, state);
    } catch (const SyntaxError& error) {
        return error;
    }
    return std::move(state.open.front().body);
}

std::string print(const Value& value) {
    std::string out = value.key.empty() ? "" : value.key + " = ";
    if (value.kind == Value::Kind::text) return out + (value.quoted ? '"' + value.text + '"' : value.text);
    const bool list = value.kind == Value::Kind::list;
    out += list ? "(" : "[";
    for (const auto& item : value.items) out += ' ' + print(item);
    return out + (list ? " )" : " ]");
}

}  // namespace sluice::grammar::ecelerity
