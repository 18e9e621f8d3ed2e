#include "dsl/host/command.hpp"

#include <fmt/format.h>

#include "dsl/host/host.hpp"
#include "dsl/host/system_accounts.hpp"
#include "dsl/lib/duration.hpp"

namespace sluice::dsl {

namespace {

bool whole(std::string_view text) { return !text.empty() && text.find('\0') == std::string_view::npos; }

// One key of the map; what is wrong, or nothing.
std::string read_key(std::string_view key, const Value& value, CommandObject& command) {
    std::string why;
    if (key == "args") return read_arguments(value, command.arguments, why) ? std::string() : why;
    if (key != "command" && key != "timeout" && key != "user" && key != "group")
        return fmt::format("unknown key '{}': there are command, args, timeout, user and group", key);
    if (!value.is_string() || !whole(value.as_string()))
        return fmt::format("'{}' must be a text that is not empty, not {}", key, type_name(value));
    const std::string text(value.as_string());
    if (key == "command") {
        command.program = text;
    } else if (key == "timeout") {
        const auto timeout = lib::parse_duration(text);
        if (!timeout || timeout->count() == 0) return fmt::format("'{}' is not a duration such as 30s", text);
        command.timeout = *timeout;
    } else if (key == "user") {
        if (!find_user(text)) return fmt::format("user not found: '{}'", text);
        command.user = text;
    } else {
        if (!find_group(text)) return fmt::format("group not found: '{}'", text);
        command.group = text;
    }
    return {};
}

Outcome build(NativeCall& call) {
    auto value = make_object<CommandObject>();
    auto& command = static_cast<CommandObject&>(value.as_host());
    for (const auto* entry : call.args[0].as_map().sorted())
        if (const auto why = read_key(entry->key.as_string(), entry->value, command); !why.empty())
            return call.fail("cmd::build: " + why);
    if (command.program.empty()) return call.fail("cmd::build: 'command' is missing: the program to run");
    return call.ok(std::move(value));
}

}  // namespace

bool read_arguments(const Value& array, std::vector<std::string>& arguments, std::string& why) {
    if (!array.is_array()) {
        why = fmt::format("arguments are an array of texts, not {}", type_name(array));
        return false;
    }
    for (const auto& item : array.as_array().items) {
        if (!item.is_string() || item.as_string().find('\0') != std::string_view::npos) {
            why = fmt::format("an argument must be a text without NUL, not {}", type_name(item));
            return false;
        }
        arguments.emplace_back(item.as_string());
    }
    return true;
}

HostObject::Answer CommandObject::equals(const Value& other, std::string&) const {
    const auto* command = host_as<CommandObject>(other);
    if (!command) return Answer::undefined;
    const bool same = program == command->program && arguments == command->arguments && timeout == command->timeout &&
                      user == command->user && group == command->group;
    return same ? Answer::yes : Answer::no;
}

void add_commands(NativeTable& table) { table.add("cmd::build", {accepts::map}, build, host_only); }

}  // namespace sluice::dsl
