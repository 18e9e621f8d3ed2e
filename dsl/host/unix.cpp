// env, hostname, user_exist (vsl-rules.md 9.11): read-only facts of the machine.
#include <unistd.h>

#include <climits>
#include <cstdlib>

#include "dsl/host/host.hpp"
#include "dsl/host/system_accounts.hpp"
#include "dsl/lib/mail_objects.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl {

namespace {

bool valid_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto from = at;
        if (decode_char(text, at) == 0xfffd && text.substr(from, at - from) != "\xef\xbf\xbd") return false;
    }
    return true;
}

Outcome env(NativeCall& call) {
    const auto name = lib::text_of(call.args[0]);
    if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos) return call.ok();
    const char* value = std::getenv(name.c_str());
    return value && valid_utf8(value) ? call.ok(Value::string(value)) : call.ok();
}

Outcome hostname(NativeCall& call) {
    char name[HOST_NAME_MAX + 1] = {};
    if (gethostname(name, sizeof name - 1) != 0) return call.fail("the host name cannot be read");
    return call.ok(Value::string(name));
}

Outcome user_exist(NativeCall& call) {
    return call.ok(Value::boolean(find_user(lib::text_of(call.args[0])).has_value()));
}

}  // namespace

void add_unix_functions(NativeTable& table) {
    using namespace accepts;
    for (const std::string prefix : {"", "unix::", "utils::"}) {
        table.add(prefix + "env", {string | host}, env, host_only);
        table.add(prefix + "hostname", {}, hostname, host_only);
        if (prefix != "utils::") table.add(prefix + "user_exist", {string | host}, user_exist, host_only);
    }
}

}  // namespace sluice::dsl
