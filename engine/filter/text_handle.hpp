// The opaque handles of vsl-rules.md 9.14: a script can show them and hand them on, nothing else.
#pragma once

#include <string>
#include <string_view>

#include "dsl/value/objects.hpp"

namespace sluice::filter {

struct TextHandle final : dsl::HostObject {
    std::string_view name;  // of its type; static
    std::string shown;
    TextHandle(std::string_view n, std::string s) : name(n), shown(std::move(s)) {}
    [[nodiscard]] std::string_view type() const noexcept override { return name; }
    [[nodiscard]] std::string text() const override { return shown; }
    [[nodiscard]] Answer equals(const dsl::Value& other, std::string&) const override {
        const auto* handle = dsl::host_as<TextHandle>(other);
        if (!handle) return Answer::undefined;
        return handle->name == name && handle->shown == shown ? Answer::yes : Answer::no;
    }
};

[[nodiscard]] inline dsl::Value make_text_handle(std::string_view type, std::string text) {
    return dsl::make_object<TextHandle>(type, std::move(text));
}

}  // namespace sluice::filter
