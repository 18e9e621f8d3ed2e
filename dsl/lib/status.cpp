// state::* and code::* (vsl-rules.md 9.4, 9.5) and code(...) (9.2).
#include "dsl/lib/status.hpp"

#include <array>

#include <fmt/format.h>

#include "dsl/lib/library.hpp"
#include "dsl/lib/mail_objects.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::lib {

namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

// "5.7.1" at the start of `text`, followed by a blank or the end; its length, or 0.
std::size_t enhanced_length(std::string_view text) {
    std::size_t at = 0;
    if (text.empty() || (text[0] != '2' && text[0] != '4' && text[0] != '5')) return 0;
    ++at;
    for (int part = 0; part < 2; ++part) {
        if (at >= text.size() || text[at] != '.') return 0;
        const auto first = ++at;
        while (at < text.size() && digit(text[at])) ++at;
        if (at == first || at - first > 3) return 0;
    }
    return at == text.size() || text[at] == ' ' ? at : 0;
}

std::string_view without_line_end(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

// Lines separated by LF, CR dropped; nothing else of control may stand in a reply.
bool clean_text(std::string_view text, std::string& out, std::string& why) {
    for (const char c : without_line_end(text)) {
        if (c == '\r') continue;
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
            why = "a reply cannot contain control characters";
            return false;
        }
        out += c;
    }
    return true;
}

Value make_code(std::int64_t code, std::string_view enhanced, std::string_view text, std::string& why) {
    if (code < 100 || code > 599) {
        why = fmt::format("{} is not a reply code: codes go from 100 to 599", code);
        return {};
    }
    std::string lines;
    if (!clean_text(text, lines, why)) return {};
    std::string status(enhanced);
    if (status.empty()) {
        if (const auto length = enhanced_length(lines); length != 0 && length < lines.size()) {
            status = lines.substr(0, length);
            lines.erase(0, length + 1);
        }
    } else if (enhanced_length(status) != status.size()) {
        why = fmt::format("'{}' is not an enhanced status code such as 5.7.1", status);
        return {};
    }
    return make_object<CodeObject>(static_cast<int>(code), std::move(status), std::move(lines));
}

// Lines behind the first may carry code and enhanced code themselves, as in a reply on the wire.
std::string without_repeated_codes(std::int64_t code, std::string_view enhanced, std::string_view text) {
    const auto number = std::to_string(code);
    if (enhanced.empty()) enhanced = text.substr(0, enhanced_length(text));
    std::string out;
    for (bool first = true;; first = false) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        const auto size = number.size();
        if (!first && line.starts_with(number) && line.size() > size && (line[size] == ' ' || line[size] == '-')) {
            line.remove_prefix(size + 1);
            const auto length = enhanced_length(line);
            if (length != 0 && line.substr(0, length) == enhanced)
                line.remove_prefix(std::min(length + 1, line.size()));
        }
        out += line;
        if (end == std::string_view::npos) return out;
        out += '\n';
        text.remove_prefix(end + 1);
    }
}

Outcome give(NativeCall& call, Value value, const std::string& why) {
    return value.is_unit() ? call.fail(why) : call.ok(std::move(value));
}

Outcome code_two(NativeCall& call) {
    std::string why;
    const auto code = call.args[0].as_int();
    auto value = make_code(code, "", without_repeated_codes(code, "", text_of(call.args[1])), why);
    return give(call, std::move(value), why);
}
Outcome code_three(NativeCall& call) {
    std::string why;
    const auto code = call.args[0].as_int();
    const auto enhanced = text_of(call.args[1]);
    auto value = make_code(code, enhanced, without_repeated_codes(code, enhanced, text_of(call.args[2])), why);
    return give(call, std::move(value), why);
}

Outcome status_plain(NativeCall& call) { return call.ok(plain_status(static_cast<StatusObject::Kind>(call.data))); }

Outcome status_with_code(NativeCall& call) {
    const auto kind = static_cast<StatusObject::Kind>(call.data);
    if (call.args[0].is_string()) {
        std::string why;
        auto code = parse_code(call.args[0].as_string(), why);
        if (code.is_unit()) return call.fail(why);
        return call.ok(make_object<StatusObject>(kind, std::move(code)));
    }
    if (!as_code(call.args[0]))
        return call.fail(fmt::format("parameter must be a code, not {}", type_name(call.args[0])));
    return call.ok(make_object<StatusObject>(kind, call.args[0]));
}

Outcome quarantine(NativeCall& call) {
    const std::string name(call.args[0].as_string());
    bool sound = !name.empty() && name.front() != '/';
    for (std::size_t at = 0; sound && at <= name.size();) {
        const auto end = std::min(name.find('/', at), name.size());
        const auto part = name.substr(at, end - at);
        sound = !part.empty() && part.front() != '.' && part.find('\0') == std::string::npos;
        at = end + 1;
    }
    if (!sound)
        return call.fail(
            fmt::format("'{}' is not a name of a quarantine: it is a relative path without '.' and '..'", name));
    return call.ok(make_object<StatusObject>(StatusObject::Kind::quarantine, Value(), name));
}

constexpr struct {
    std::string_view name;
    int code;
    std::string_view enhanced;
    std::string_view text;
} predefined[] = {
    {"code::c554_7_1", 554, "5.7.1", "Relay access denied"},
    {"code::c550_7_20", 550, "5.7.20", "No passing DKIM signature found"},
    {"code::c550_7_21", 550, "5.7.21", "No acceptable DKIM signature found"},
    {"code::c550_7_22", 550, "5.7.22", "No valid author-matched DKIM signature found"},
    {"code::c550_7_23", 550, "5.7.23", "SPF validation failed"},
    {"code::c550_7_24", 550, "5.7.24", "SPF validation error"},
    {"code::c550_7_25", 550, "5.7.25", "Reverse DNS validation failed"},
    {"code::c500_7_26", 500, "5.7.26", "Multiple authentication checks failed"},
    {"code::c550_7_27", 550, "5.7.27", "Sender address has null MX"},
    {"code::c556_1_10", 556, "5.1.10", "Recipient address has null MX"},
    {"code::c451_7_1", 451, "4.7.1", "Sender is not authorized. Please try again."},
    {"code::c451_3_0", 451, "4.3.0", "Multiple destination domains per transaction is unsupported. Please try again."},
    {"code::c550_1_1", 550, "5.1.1", "The email account that you tried to reach does not exist. Please try again."},
};

Outcome predefined_code(NativeCall& call) {
    const auto& entry = predefined[call.data];
    return call.ok(make_object<CodeObject>(entry.code, std::string(entry.enhanced), std::string(entry.text)));
}

}  // namespace

std::string CodeObject::text() const {
    std::string out;
    std::string_view rest = reply_text;
    for (;;) {
        const auto end = rest.find('\n');
        const bool last = end == std::string_view::npos;
        out += fmt::format("{}{}{}{}{}\r\n", code, last ? ' ' : '-', enhanced, enhanced.empty() ? "" : " ",
                           rest.substr(0, end));
        if (last) return out;
        rest.remove_prefix(end + 1);
    }
}

HostObject::Answer CodeObject::equals(const Value& other, std::string& why) const {
    if (other.is_string()) {
        why = fmt::format("a {} object cannot be compared to a string", text().substr(0, text().size() - 2));
        return Answer::refused;
    }
    const auto* code_object = as_code(other);
    if (!code_object) return Answer::undefined;
    return code_object->text() == text() ? Answer::yes : Answer::no;
}

std::string StatusObject::text() const {
    static constexpr std::string_view names[] = {"next", "accept", "faccept", "deny", "quarantine"};
    return std::string(names[static_cast<int>(kind)]);
}

HostObject::Answer StatusObject::equals(const Value& other, std::string&) const {
    const auto* status = as_status(other);
    if (!status) return Answer::undefined;
    const auto* mine = as_code(code);
    const auto* theirs = as_code(status->code);
    const bool codes = mine && theirs ? mine->text() == theirs->text() : mine == theirs;
    return kind == status->kind && codes && quarantine == status->quarantine ? Answer::yes : Answer::no;
}

// Shared by all threads and never freed: most rules give one of these.
const Value& plain_status(StatusObject::Kind kind) {
    struct Shared {
        FrozenSet frozen;
        std::array<Value, 5> values;
        Shared() {
            for (std::size_t i = 0; i < values.size(); ++i) {
                values[i] = make_object<StatusObject>(static_cast<StatusObject::Kind>(i));
                frozen.freeze(values[i]);
            }
        }
    };
    static const auto& shared = *new Shared;
    return shared.values[static_cast<std::size_t>(kind)];
}

const StatusObject* as_status(const Value& value) noexcept { return host_as<StatusObject>(value); }
const CodeObject* as_code(const Value& value) noexcept { return host_as<CodeObject>(value); }

Value parse_code(std::string_view reply, std::string& why) {
    const std::string_view whole = reply;
    reply = without_line_end(reply);
    std::string lines;
    std::string number;
    std::string enhanced;
    for (;;) {
        const auto end = reply.find('\n');
        auto line = without_line_end(reply.substr(0, end));
        const bool sound = line.size() >= 3 && digit(line[0]) && digit(line[1]) && digit(line[2]) &&
                           (line.size() == 3 || line[3] == ' ' || line[3] == '-');
        if (!sound || (!number.empty() && line.substr(0, 3) != number)) {
            why = fmt::format("'{}' is not a reply such as \"451 4.7.1 try later\"", whole);
            return {};
        }
        const bool first = number.empty();
        number = line.substr(0, 3);
        line.remove_prefix(std::min<std::size_t>(4, line.size()));
        if (const auto length = enhanced_length(line); length != 0) {
            if (first) enhanced = line.substr(0, length);
            if (line.substr(0, length) == enhanced) line.remove_prefix(std::min(length + 1, line.size()));
        }
        lines += (first ? "" : "\n") + std::string(line);
        if (end == std::string_view::npos) break;
        reply.remove_prefix(end + 1);
    }
    return make_code(std::stoi(number), enhanced, lines, why);
}

void add_status(NativeTable& table) {
    using namespace accepts;
    using Kind = StatusObject::Kind;
    const auto data = [](Kind kind) { return static_cast<std::uint16_t>(kind); };
    table.add("state::next", {}, status_plain, host_only | constant, data(Kind::next));
    for (const auto& [name, kind] : {std::pair<std::string_view, Kind>{"state::accept", Kind::accept},
                                     {"state::faccept", Kind::faccept},
                                     {"state::deny", Kind::deny},
                                     {"deny", Kind::deny}}) {
        table.add(name, {}, status_plain, host_only | constant, data(kind));
        if (name != "deny") table.add(name, {string | host}, status_with_code, host_only | constant, data(kind));
    }
    table.add("state::quarantine", {string}, quarantine, host_only | constant);
    for (const std::string_view name : {"code", "obj::code"}) {
        table.add(name, {integer, string | host}, code_two, host_only | constant);
        table.add(name, {integer, string | host, string | host}, code_three, host_only | constant);
    }
    for (std::uint16_t i = 0; i < std::size(predefined); ++i)
        table.add(predefined[i].name, {}, predefined_code, host_only | constant, i);
}

}  // namespace sluice::dsl::lib
