// A text that an editor has open. Places of the protocol are lines and UTF-16 units from 0; a place that does not exist
// counts as the nearest one that does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/source/source_file.hpp"

namespace sluice::dsl::lsp {

struct Place {
    std::uint32_t line = 0;
    std::uint32_t unit = 0;
};
struct Range {
    Place begin;
    Place end;
};

// Lines of a text, as the protocol counts them: they end at \n, \r\n or \r.
class Lines {
  public:
    explicit Lines(std::string_view text);
    [[nodiscard]] std::uint32_t offset(std::string_view text, Place place) const;
    [[nodiscard]] Place place(std::string_view text, std::uint32_t offset) const;
    [[nodiscard]] Range range(std::string_view text, Span span) const {
        return {place(text, span.begin), place(text, span.end)};
    }

  private:
    std::vector<std::uint32_t> starts_;
};

class Document {
  public:
    Document(std::string uri, std::string text);

    // Without a range the whole text is replaced.
    void change(const std::optional<Range>& range, std::string_view text);

    [[nodiscard]] const std::string& uri() const noexcept { return uri_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::string_view text() const noexcept { return text_; }
    [[nodiscard]] std::uint32_t offset(Place place) const { return lines_.offset(text_, place); }
    [[nodiscard]] Range range(Span span) const { return lines_.range(text_, span); }

  private:
    std::string uri_;
    std::string path_;
    std::string text_;
    Lines lines_;
};

// "file:///a%20b" is "/a b"; what is no file keeps its whole name, so that two of them are never the same.
[[nodiscard]] std::string path_of_uri(std::string_view uri);
[[nodiscard]] std::string uri_of_path(std::string_view path);

}  // namespace sluice::dsl::lsp
