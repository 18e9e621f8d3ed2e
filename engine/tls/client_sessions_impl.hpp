// Private to engine/tls.
#pragma once

#include <openssl/ssl.h>

#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "engine/tls/client_sessions.hpp"

namespace sluice::tls {

struct ClientSessions::Impl {
    // Of one key: a server gives two tickets with a handshake, and each serves one connection.
    static constexpr std::size_t kOfOneKey = 8;
    using Sessions = std::deque<bssl::UniquePtr<SSL_SESSION>>;  // newest last
    struct Entry {
        std::string key;
        Sessions sessions;
    };

    std::size_t keys_max;
    mutable std::mutex mutex;
    std::list<Entry> entries;  // used last, first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key;

    void put(const std::string& key, bssl::UniquePtr<SSL_SESSION> session);
    // Null: there is none. One that may be used once only is taken out.
    [[nodiscard]] bssl::UniquePtr<SSL_SESSION> get(const std::string& key);
    void forget(std::list<Entry>::iterator entry);
};

}  // namespace sluice::tls
