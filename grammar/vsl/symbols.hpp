// The table of symbols. The grammar spells its operators out (tokens.hpp); this is for messages, scanners and tests.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "grammar/vsl/words.hpp"

namespace sluice::grammar::vsl {

enum class SymbolClass : std::uint8_t {
    bracket,
    punctuation,
    assignment,
    binary,
    prefix,    // begins an operand, and is a binary operator too (but for `!`)
    reserved,  // means nothing yet
    foreign,   // belongs to other languages
};

struct Symbol {
    std::string_view text;
    SymbolClass symbol_class;
    std::string_view hint;
};

inline constexpr std::array symbols{
#define SLUICE_SYMBOL(text, symbol_class, hint) Symbol{text, SymbolClass::symbol_class, hint},
#include "grammar/vsl/symbols.def"
#undef SLUICE_SYMBOL
};

// The longest symbol at the start of `text`, or null. `!in` ends where a word does: `!inside` begins with `!`.
[[nodiscard]] constexpr const Symbol* symbol_at(std::string_view text) noexcept {
    const Symbol* best = nullptr;
    for (const auto& symbol : symbols) {
        if (symbol.text == "!in" && text.size() > 3 && is_word_char(text[3])) continue;
        if (text.starts_with(symbol.text) && (best == nullptr || symbol.text.size() > best->text.size()))
            best = &symbol;
    }
    return best;
}

}  // namespace sluice::grammar::vsl
