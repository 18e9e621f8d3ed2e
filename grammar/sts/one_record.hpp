// What the TXT records of MTA-STS (RFC 8461 3.1) and of TLSRPT (RFC 8460 3) have in common when they are read. Private
// to grammar/sts.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "grammar/sts/excerpt.hpp"
#include "grammar/sts/record_rules.hpp"

namespace sluice::grammar::sts {

struct RecordErrors {
    std::string error;  // the first

    void complain(std::string what) {
        if (error.empty()) error = std::move(what);
    }
};

// The action of wrong_record_field.
struct ComplainOfField {
    template <typename Input>
    static void apply(const Input& in, RecordErrors& errors) {
        errors.complain("'" + excerpt(in.string_view()) + "' is not \"name=value\"");
    }
};

// Of the texts that begin with the version, which alone count, the only one is parsed.
template <typename Beginning, typename Parsed>
[[nodiscard]] Parsed parse_only_one(std::span<const std::string> texts, std::string_view version,
                                    Parsed (*parse)(std::string_view)) {
    std::size_t count = 0;
    std::string_view found;
    for (const std::string& text : texts) {
        pegtl::memory_input in(text.data(), text.size(), "");
        if (!pegtl::parse<Beginning>(in)) continue;
        ++count;
        found = text;
    }
    if (count == 1) return parse(found);
    Parsed none;
    if (count > 1) none.error = std::to_string(count) + " records that begin with " + std::string(version);
    return none;
}

}  // namespace sluice::grammar::sts
