// Short ways to write messages and results in the tests of engine/mail.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "engine/mail/message.hpp"

namespace sluice::mail {

inline std::shared_ptr<const std::string> shared(std::string_view text) {
    return std::make_shared<const std::string>(text);
}

inline Message message(std::string_view text) { return Message(shared(text)); }

// "edited", "nothing", or the text of the error.
inline std::string outcome(const Result<bool, EditError>& result) {
    if (!result) return result.error().text;
    return *result ? "edited" : "nothing";
}

#define EXPECT_EDITED(expression) EXPECT_EQ(outcome(expression), "edited")
#define EXPECT_NOTHING_DONE(expression) EXPECT_EQ(outcome(expression), "nothing")
// `wanted`: EditProblem without its scope.
#define EXPECT_REFUSED(expression, wanted)                      \
    if (const auto result = (expression); result) {             \
        ADD_FAILURE() << #expression << " was accepted";        \
    } else {                                                    \
        EXPECT_EQ(result.error().problem, EditProblem::wanted); \
        EXPECT_FALSE(result.error().text.empty());              \
    }

inline std::string times(std::string_view text, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += text;
    return out;
}

}  // namespace sluice::mail
