#include "dsl/host/system_accounts.hpp"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

namespace sluice::dsl {

namespace {

// `look_up` (getpwnam_r, getgrnam_r) needs a place for the texts of the entry, and a larger one if that was too small:
// a group may have many members. `read` takes out what stays when the texts are gone.
template <class Entry, class Read>
auto find(int (*look_up)(const char*, Entry*, char*, std::size_t, Entry**), const std::string& name, Read read)
    -> std::optional<decltype(read(Entry{}))> {
    constexpr std::size_t most = std::size_t{64} << 20;
    for (std::size_t size = 16384; size <= most; size *= 4) {
        std::vector<char> texts(size);
        Entry entry{};
        Entry* found = nullptr;
        if (look_up(name.c_str(), &entry, texts.data(), texts.size(), &found) == ERANGE) continue;
        if (!found) return std::nullopt;
        return read(entry);
    }
    return std::nullopt;
}

}  // namespace

std::optional<SystemUser> find_user(const std::string& name) {
    return find(::getpwnam_r, name, [](const passwd& entry) { return SystemUser{entry.pw_uid, entry.pw_gid}; });
}

std::optional<gid_t> find_group(const std::string& name) {
    return find(::getgrnam_r, name, [](const group& entry) { return entry.gr_gid; });
}

}  // namespace sluice::dsl
