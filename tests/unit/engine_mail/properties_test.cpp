// What must hold for every message and every edit, tried on some thousand of both. The same model stands behind the
// fuzz target; here the generator makes what a fuzzer finds slowly: well-formed mail and edits that mean something.
#include <gtest/gtest.h>

#include <random>

#include "tests/fuzz/message/model.hpp"

namespace sluice::mail {
namespace {

class Generator {
  public:
    explicit Generator(unsigned seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return random_() % n; }
    std::string_view any(std::initializer_list<std::string_view> choices) {
        return *(choices.begin() + below(choices.size()));
    }

    std::string name() {
        return std::string(any({"To", "to", "From", "Subject", "X", "x", "Cc", "Content-Type", "X-Long-Name"}));
    }
    std::string address() {
        return std::string(any({"a@b", "A@b", "a@B", "c.d@e.test", "\"x y\"@z", "q@[192.0.2.1]"}));
    }
    std::string value() {
        std::string text;
        for (std::size_t i = below(30); i > 0; --i) {
            text += any({" ", " ", "word", "longer-word", "\t", "\xC3\xA9", "a@b", "<a@b>", ", ", "\"", "(", ")", ";",
                         "g:", "\r\n "});
        }
        return text;
    }
    std::string addresses() {
        std::string text;
        for (std::size_t i = below(5); i > 0; --i) {
            text += any({"", "Name <", "\"Q, N\" <", "(c) <", "=?utf-8?q?x=2C?= <"});
            const bool open = text.ends_with('<');
            text += address();
            if (open) text += '>';
            text += any({"", " (c)"});
            if (i > 1) text += any({",", ", ", ",\r\n ", " , ", "; ", ", g: "});
        }
        return text;
    }
    std::string header() {
        std::string text;
        for (std::size_t i = below(8); i > 0; --i) {
            const std::string field = name();
            const bool list = equal_names(field, "To") || equal_names(field, "From");
            text += field + std::string(any({":", ": ", " : "})) + (list && below(4) > 0 ? addresses() : value());
            text += any({"\r\n", "\r\n", "\r\n", "\n"});
        }
        return text;
    }
    std::string message() {
        return header() + std::string(any({"\r\n", "\r\n", "\r\n", "\n", "", "no field\r\n", " fold"})) + entity(0) +
               std::string(any({"", "\r\n"}));
    }
    // One of the edits of model::Editing; some of them must be refused.
    std::string edit(model::Editing& editing) {
        const char operation = "apsrdfw+-"[below(9)];
        if (std::string_view("fw+-").find(operation) != std::string_view::npos) {
            return editing.edit(operation, operation == 'w' ? address() : "", address());
        }
        if (operation == 'r') return editing.edit('r', name(), name());
        std::string text = value();
        if (below(8) == 0) text += any({"\r\nBcc: x@y", "\n", "\r", "\r\n\r\nbody", "\r\n \r\n x", "\r\n "});
        if (below(16) == 0) text += std::string(below(1100), 'x');
        std::string field = name();
        if (below(16) == 0) field += any({"\r\nBcc: x@y\r\nX", ":", " ", "\n"});
        return editing.edit(operation, field, text);
    }

  private:
    std::string entity(std::size_t depth) {
        if (depth > 4 || below(3) > 0)
            return std::string(any({"body\r\n", "", "two\r\nlines", "--\r\n", "aGk=\r\n", "=41=\r\n"}));
        const std::string boundary(any({"b", "bb", "b b", "c--"}));
        std::string text = "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n";
        for (std::size_t i = below(4); i > 0; --i) text += "--" + boundary + "\r\n" + entity(depth + 1) + "\r\n";
        return text + std::string(any({"", "--"})) + boundary + std::string(any({"", "--", "--\r\n"}));
    }

    std::mt19937 random_;
};

class Properties : public testing::TestWithParam<unsigned> {};

TEST_P(Properties, HoldForAThousandMessages) {
    Generator generator(GetParam());
    for (int i = 0; i < 1000; ++i) {
        const std::string text = generator.message();
        model::Editing editing(text);
        ASSERT_EQ(editing.check(), "") << text;
        for (int edits = 0; edits < 6; ++edits) {
            const std::string before = *editing.message().bytes();
            ASSERT_EQ(generator.edit(editing), "") << "before:\n"
                                                   << before << "\nafter:\n"
                                                   << *editing.message().bytes();
            const WalkLimits limits{.depth = generator.below(6), .parts = 1 + generator.below(12)};
            ASSERT_EQ(model::check_walk(editing.message(), limits), "") << *editing.message().bytes();
        }
    }
}
INSTANTIATE_TEST_SUITE_P(Seeds, Properties, testing::Values(1u, 20261122u, 77u, 4096u));

}  // namespace
}  // namespace sluice::mail
