// A script's text with its name and line index. Immutable after construction; shared by everything that keeps
// positions (AST, bytecode, diagnostics).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dsl {

// Half-open range of byte offsets into one file.
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

// 1-based; columns count Unicode scalars, as editors do. {0, 0} is "unknown".
struct Position {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

class SourceFile {
  public:
    SourceFile(std::string name, std::string text);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    [[nodiscard]] std::string_view text(Span span) const noexcept;
    [[nodiscard]] Position position(std::uint32_t offset) const noexcept;
    // Text of a 1-based line without its line break; empty if there is no such line.
    [[nodiscard]] std::string_view line(std::uint32_t number) const noexcept;

  private:
    std::string name_;
    std::string text_;
    std::vector<std::uint32_t> line_starts_;
};

using SourcePtr = std::shared_ptr<const SourceFile>;

}  // namespace sluice::dsl
