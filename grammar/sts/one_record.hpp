// RFC 8461 3.1 and RFC 8460 3: among the TXT records of a name only those that begin with the version count.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "grammar/sts/record_rules.hpp"

namespace sluice::grammar::sts {

struct Chosen {
    std::size_t count = 0;
    std::string_view text;  // the last of them
};

template <typename Beginning>
[[nodiscard]] Chosen only_record(std::span<const std::string> texts) {
    Chosen chosen;
    for (const std::string& text : texts) {
        pegtl::memory_input in(text.data(), text.size(), "");
        if (!pegtl::parse<Beginning>(in)) continue;
        ++chosen.count;
        chosen.text = text;
    }
    return chosen;
}

}  // namespace sluice::grammar::sts
