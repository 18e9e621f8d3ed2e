// ecelerity.conf -> tree or error. Checked: ranges lie in the text and in what holds them, an error points into the
// text and has its texts, the tree is no deeper than the limit. Run: fuzz_ecelerity -dict=ecelerity.dict CORPUS seeds
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "grammar/ecelerity/document.hpp"
#include "grammar/ecelerity/limits.hpp"

namespace {

using namespace sluice::grammar::ecelerity;

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const Value& value, TextRange within, std::size_t depth) {
    require(depth <= max_depth);
    require(value.range.begin <= value.range.end);
    require(value.range.begin >= within.begin && value.range.end <= within.end);
    require(value.kind != Value::Kind::text || value.items.empty());
    const auto inside = value.kind == Value::Kind::text ? within : value.range;
    for (const auto& item : value.items) check(item, inside, depth + 1);
}

void check(const Document& document, std::uint32_t begin, std::uint32_t end, std::size_t depth) {
    require(depth <= max_depth);
    for (const auto& statement : document) {
        require(statement.range.begin >= begin && statement.range.begin < statement.range.end);
        require(statement.range.end <= end);
        require(!statement.name.empty());
        require(statement.kind == Statement::Kind::stanza || statement.body.empty());
        if (statement.kind == Statement::Kind::option) {
            check(statement.value, {statement.range.end, end}, depth);
            require(!print(statement.value).empty());
        }
        check(statement.body, statement.range.end, end, depth + 1);
        begin = statement.range.end;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = parse(text);
    if (const auto* error = std::get_if<SyntaxError>(&parsed)) {
        require(error->at <= size);
        require(!error->message.empty() && !error->hint.empty());
    } else {
        check(std::get<Document>(parsed), 0, static_cast<std::uint32_t>(size), 0);
    }
    return 0;
}
