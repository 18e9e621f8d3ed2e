#include "dsl/lsp/document.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dsl/source/utf8.hpp"

namespace sluice::dsl::lsp {

namespace {

// Bytes of the character at the start of `text`, and how many UTF-16 units it takes. Bytes that are not UTF-8 count
// one.
std::pair<std::uint32_t, std::uint32_t> character(std::string_view text) {
    const auto bytes = std::max<std::size_t>(1, utf8_sequence_length(text));
    return {static_cast<std::uint32_t>(bytes), bytes == 4 ? 2 : 1};
}

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

Lines::Lines(std::string_view text) : starts_{0} {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool alone = text[i] == '\r' && text.substr(i + 1, 1) != "\n";
        if (text[i] == '\n' || alone) starts_.push_back(static_cast<std::uint32_t>(i + 1));
    }
}

std::uint32_t Lines::offset(std::string_view text, Place place) const {
    const auto size = static_cast<std::uint32_t>(text.size());
    if (place.line >= starts_.size()) return size;
    auto at = starts_[place.line];
    auto end = place.line + 1 < starts_.size() ? starts_[place.line + 1] : size;
    while (end > at && (text[end - 1] == '\n' || text[end - 1] == '\r')) --end;
    for (std::uint32_t unit = 0; at < end;) {
        const auto [bytes, units] = character(text.substr(at));
        if (unit + units > place.unit) break;
        unit += units;
        at += bytes;
    }
    return at;
}

Place Lines::place(std::string_view text, std::uint32_t offset) const {
    offset = std::min(offset, static_cast<std::uint32_t>(text.size()));
    const auto line = static_cast<std::uint32_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin() - 1);
    Place place{line, 0};
    for (auto at = starts_[line]; at < offset;) {
        const auto [bytes, units] = character(text.substr(at));
        at += bytes;
        place.unit += units;
    }
    return place;
}

Document::Document(std::string uri, std::string text)
    : uri_(std::move(uri)), path_(path_of_uri(uri_)), text_(std::move(text)), lines_(text_) {}

void Document::change(const std::optional<Range>& range, std::string_view text) {
    if (range) {
        const auto begin = offset(range->begin);
        const auto end = std::max(begin, offset(range->end));
        text_.replace(begin, end - begin, text);
    } else {
        text_ = text;
    }
    lines_ = Lines(text_);
}

std::string path_of_uri(std::string_view uri) {
    constexpr std::string_view scheme = "file://";
    if (!uri.starts_with(scheme)) return std::string(uri);
    auto rest = uri.substr(scheme.size());
    rest.remove_prefix(std::min(rest.find('/'), rest.size()));  // the name of this machine
    std::string path;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        const int high = rest[i] == '%' && i + 2 < rest.size() ? hex(rest[i + 1]) : -1;
        const int low = high < 0 ? -1 : hex(rest[i + 2]);
        if (low < 0) {
            path += rest[i];
        } else {
            path += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return path;
}

std::string uri_of_path(std::string_view path) {
    if (!path.starts_with('/')) return std::string(path);
    std::string uri = "file://";
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("/-._~").find(c) != std::string_view::npos;
        if (plain)
            uri += c;
        else
            uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return uri;
}

}  // namespace sluice::dsl::lsp
