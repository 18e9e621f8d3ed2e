#include "engine/smtp/stored_facts.hpp"

#include <boost/json.hpp>

#include <stdexcept>

namespace sluice::smtp {

namespace json = boost::json;

namespace {

using Milliseconds = std::chrono::milliseconds;

struct Writer {
    json::object& object;

    void operator()(std::string_view key, const std::string& value) { object[key] = value; }
    void operator()(std::string_view key, const std::optional<std::string>& value) {
        if (value) object[key] = *value;
    }
    void operator()(std::string_view key, bool value) { object[key] = value; }
    void operator()(std::string_view key, int value) { object[key] = value; }
    void operator()(std::string_view key, std::chrono::system_clock::time_point value) {
        object[key] = std::chrono::duration_cast<Milliseconds>(value.time_since_epoch()).count();
    }
    void operator()(std::string_view key, const asio::ip::tcp::endpoint& value) {
        object[key] = {value.address().to_string(), value.port()};
    }
    void operator()(std::string_view key, const SessionId& value) { object[key] = value.to_string(); }
    void operator()(std::string_view key, ListenerKind value) { object[key] = static_cast<int>(value); }
    void operator()(std::string_view key, tls::PeerFault value) { object[key] = static_cast<int>(value); }
    void operator()(std::string_view key, const std::vector<std::string>& values) {
        object[key] = json::array(values.begin(), values.end());
    }
    template <typename Part>
    void shared(std::string_view key, const std::shared_ptr<const Part>& value, auto members) {
        if (!value) return;
        json::object inside;
        members(Writer{inside}, *value);
        object[key] = std::move(inside);
    }
    template <typename Part>
    void part(std::string_view key, const std::optional<Part>& value, auto members) {
        if (!value) return;
        json::object inside;
        members(Writer{inside}, *value);
        object[key] = std::move(inside);
    }
};

// Throws what boost::json throws at a value of another type.
struct Reader {
    const json::object& object;

    template <typename T>
    void operator()(std::string_view key, T& to) {
        if (const auto* value = object.if_contains(key)) read(*value, to);
    }
    template <typename Part>
    void part(std::string_view key, std::optional<Part>& to, auto members) {
        if (const auto* value = object.if_contains(key)) members(Reader{value->as_object()}, to.emplace());
    }
    template <typename Part>
    void shared(std::string_view key, std::shared_ptr<const Part>& to, auto members) {
        const auto* value = object.if_contains(key);
        if (!value) return;
        auto made = std::make_shared<Part>();
        members(Reader{value->as_object()}, *made);
        to = std::move(made);
    }

  private:
    static void read(const json::value& value, std::string& to) { to = json::value_to<std::string>(value); }
    static void read(const json::value& value, std::optional<std::string>& to) { read(value, to.emplace()); }
    static void read(const json::value& value, bool& to) { to = value.as_bool(); }
    static void read(const json::value& value, int& to) { to = json::value_to<int>(value); }
    static void read(const json::value& value, std::chrono::system_clock::time_point& to) {
        to = std::chrono::system_clock::time_point(Milliseconds(value.as_int64()));
    }
    static void read(const json::value& value, asio::ip::tcp::endpoint& to) {
        const auto& pair = value.as_array();
        to = {asio::ip::make_address(json::value_to<std::string>(pair.at(0))),
              json::value_to<std::uint16_t>(pair.at(1))};
    }
    static void read(const json::value& value, SessionId& to) {
        to = SessionId::parse(json::value_to<std::string>(value)).value();
    }
    static void read(const json::value& value, ListenerKind& to) {
        to = static_cast<ListenerKind>(json::value_to<int>(value));
    }
    static void read(const json::value& value, tls::PeerFault& to) {
        const int number = json::value_to<int>(value);
        if (number < 0 || number > static_cast<int>(tls::PeerFault::tlsa_mismatch)) throw std::out_of_range("fault");
        to = static_cast<tls::PeerFault>(number);
    }
    static void read(const json::value& value, std::vector<std::string>& to) {
        to = json::value_to<std::vector<std::string>>(value);
    }
};

// Each member once, for the writer and the reader.
constexpr auto peer_members = [](auto each, auto& peer) {
    each("verified", peer.judgement.verified);
    each("chain_verified", peer.judgement.chain_verified);
    each("fault", peer.judgement.fault);
    each("code", peer.judgement.code);
    each("why", peer.judgement.why);
    each.part("leaf", peer.leaf, [](auto inner, auto& leaf) {
        inner("subject", leaf.subject);
        inner("issuer", leaf.issuer);
        inner("subject_cn", leaf.subject_cn);
        inner("issuer_cn", leaf.issuer_cn);
        inner("serial", leaf.serial);
        inner("key_type", leaf.key_type);
        inner("fingerprint", leaf.fingerprint);
        inner("spki_fingerprint", leaf.spki_fingerprint);
        inner("not_before", leaf.not_before);
        inner("not_after", leaf.not_after);
        inner("names", leaf.names);
        inner("sans", leaf.sans);
    });
};

void session_members(auto each, auto& session) {
    each("session", session.id);
    each("client", session.client);
    each("server", session.server);
    each("connected_at", session.connected_at);
    each("listener", session.listener);
    each("listener_id", session.listener_id);
    each("esmtp", session.esmtp);
    each("helo_text", session.helo_text);
    each("verified_peer", session.verified_peer);
    each("verified_peer_can_relay", session.verified_peer_can_relay);
    each("authenticated_as", session.authenticated_as);
    each.part("tls", session.tls, [](auto inner, auto& tls) {
        inner("implicit", tls.implicit);
        inner("version", tls.version);
        inner("cipher", tls.cipher);
        inner("cipher_std", tls.cipher_std);
        inner("cipher_algbits", tls.cipher_algbits);
        inner("cipher_usebits", tls.cipher_usebits);
        inner("group", tls.group);
        inner("sni", tls.sni);
        inner("domain", tls.domain);
        inner("alpn", tls.alpn);
        inner("resumed", tls.resumed);
        inner("handshake_ms", tls.handshake_ms);
        inner.shared("peer", tls.peer, peer_members);
    });
    each.part("credentials", session.credentials, [](auto inner, auto& credentials) {
        inner("mechanism", credentials.mechanism);
        inner("anonymous", credentials.anonymous);
        inner("authid", credentials.authid);
        inner("token", credentials.token);
        inner("proven", credentials.proven);
    });
}

void transaction_members(auto each, auto& transaction) {
    each("domain", transaction.domain);
    each("mail_time", transaction.mail_time);
}

}  // namespace

std::string store_facts(const SessionFacts& session, const Transaction& transaction) {
    json::object object;
    session_members(Writer{object}, session);
    transaction_members(Writer{object}, transaction);
    return json::serialize(object);
}

bool restore_facts(std::string_view stored, SessionFacts& session, Transaction& transaction) {
    try {
        json::parse_options options;
        options.allow_invalid_utf8 = true;  // names may hold any bytes
        const auto value = json::parse({stored.data(), stored.size()}, {}, options);
        session_members(Reader{value.as_object()}, session);
        transaction_members(Reader{value.as_object()}, transaction);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

}  // namespace sluice::smtp
