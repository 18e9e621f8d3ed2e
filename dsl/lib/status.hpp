// What a rule decides (state::*) and the replies it decides with (code(...), code::*): vsl-rules.md 6, 9.2, 9.4, 9.5.
#pragma once

#include <optional>
#include <string>

#include "dsl/lib/mail_objects.hpp"

namespace sluice::dsl::lib {

// An SMTP reply as a value.
struct CodeObject final : PartlessObject {
    int code;                // 100 to 599
    std::string enhanced;    // "5.7.1" or empty
    std::string reply_text;  // lines separated by LF, without codes
    CodeObject(int c, std::string e, std::string t) : code(c), enhanced(std::move(e)), reply_text(std::move(t)) {}
    [[nodiscard]] std::string_view type() const noexcept override { return "code"; }
    [[nodiscard]] std::string text() const override;  // every line "550 5.7.1 text\r\n", "-" on all but the last
    [[nodiscard]] Answer equals(const Value& other, std::string& why) const override;
};

struct StatusObject final : HostObject {
    enum class Kind : std::uint8_t { next, accept, faccept, deny, quarantine };
    Kind kind;
    Value code;              // a CodeObject or ()
    std::string quarantine;  // relative path, no ".." and no leading "/"
    explicit StatusObject(Kind k, Value c = {}, std::string q = {})
        : kind(k), code(std::move(c)), quarantine(std::move(q)) {}
    [[nodiscard]] std::string_view type() const noexcept override { return "status"; }
    void visit_values(void (*visit)(void*, Value&), void* context) override { visit(context, code); }
    [[nodiscard]] std::string text() const override;  // "next", "accept", "faccept", "deny", "quarantine"
    [[nodiscard]] Answer equals(const Value& other, std::string& why) const override;
};

// A status without a code.
[[nodiscard]] const Value& plain_status(StatusObject::Kind kind);
// The status a value is, or null.
[[nodiscard]] const StatusObject* as_status(const Value& value) noexcept;
[[nodiscard]] const CodeObject* as_code(const Value& value) noexcept;

// "451 4.7.1 try later", several lines separated by CRLF with equal codes; null Value and `why` if it is no reply.
[[nodiscard]] Value parse_code(std::string_view reply, std::string& why);

}  // namespace sluice::dsl::lib
