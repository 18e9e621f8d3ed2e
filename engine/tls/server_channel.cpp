#include "engine/tls/server_channel.hpp"

#include <openssl/err.h>
#include <openssl/pool.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/tls/groups.hpp"
#include "engine/tls/library_error.hpp"
#include "engine/tls/trust_store_impl.hpp"

namespace sluice::tls {

namespace {

constexpr std::size_t kLongestSniKept = 255;  // for logs; a longer name matches nothing anyway

// The library knows ranges only (its SSL_OP_NO_* options also end at the first gap), so of a set with a gap it gets the
// run around the version that this client will speak.
bool set_versions(SSL* ssl, VersionSet allowed, const ClientHello& hello) {
    std::uint16_t first = allowed.newest();
    while (first > VersionSet::kOldest && !(allowed.has(first) && hello.offers(first))) --first;
    if (!allowed.has(first)) first = allowed.newest();  // nothing in common: the library says so
    std::uint16_t last = first;
    while (allowed.has(static_cast<std::uint16_t>(first - 1))) --first;
    while (allowed.has(static_cast<std::uint16_t>(last + 1))) ++last;
    return SSL_set_min_proto_version(ssl, first) == 1 && SSL_set_max_proto_version(ssl, last) == 1;
}

// Names whose parts cannot run into each other: each is preceded by its length.
void hash_part(SHA256_CTX& hash, std::string_view part) {
    const auto size = static_cast<std::uint32_t>(part.size());
    SHA256_Update(&hash, &size, sizeof size);
    SHA256_Update(&hash, part.data(), part.size());
}

// Most clients show nothing, so all of them share what is known of it.
const std::shared_ptr<const PeerFacts>& nobody_shown() {
    static const auto facts = std::make_shared<const PeerFacts>(PeerFacts{std::nullopt, judge({}, {}, {})});
    return facts;
}

std::shared_ptr<const PeerFacts> judged_client(const PeerChain& chain, std::shared_ptr<const TrustStore> trust) {
    const auto now = std::chrono::system_clock::now();
    const Requirement requirement{.demand = Demand::nothing, .role = PeerRole::client, .trust = std::move(trust)};
    auto facts = std::make_shared<PeerFacts>(PeerFacts{describe_leaf(chain, now), judge(chain, requirement, now)});
    if (!requirement.trust) facts->judgement.why = "no client CA configured";
    return facts;
}

}  // namespace

ServerChannel::ServerChannel(int descriptor, const std::shared_ptr<const ServerSnapshot>& snapshot,
                             ListenerPolicy policy)
    : Channel(snapshot->impl().context.get(), descriptor, snapshot), snapshot_(*snapshot), policy_(std::move(policy)) {
    if (ssl() != nullptr) SSL_set_accept_state(ssl());
}

ServerChannel& ServerChannel::of(const SSL* ssl) {
    return *static_cast<ServerChannel*>(static_cast<Channel*>(SSL_get_app_data(ssl)));
}

const ServedDomain* ServerChannel::resolve() {
    const ServerSnapshot::Impl& impl = snapshot_.impl();
    if (sni_) {
        if (const auto match = impl.names.find(*sni_)) {
            domain_ = impl.domains[match->domain].name;
            return &impl.domains[match->domain];
        }
        if (!policy_.default_for_unknown_sni.value_or(impl.root.default_for_unknown_sni)) return nullptr;
    }
    if (!impl.default_domain) return nullptr;
    domain_ = "default";
    return &impl.domains[*impl.default_domain];
}

bool ServerChannel::select(const SSL_CLIENT_HELLO& raw) {
    if (const char* name = SSL_get_servername(raw.ssl, TLSEXT_NAMETYPE_host_name)) {
        sni_ = normalised_name(std::string_view(name).substr(0, kLongestSniKept));
    }
    const ClientHello hello = ClientHello::parse(raw);
    if (const ServedDomain* domain = resolve()) {
        if (apply(*domain, hello)) return true;
        SSL_send_fatal_alert(raw.ssl, SSL_AD_INTERNAL_ERROR);
        return false;
    }
    no_certificate_ = true;
    const int without_sni = hello.offers_tls13() ? SSL_AD_MISSING_EXTENSION : SSL_AD_HANDSHAKE_FAILURE;
    SSL_send_fatal_alert(raw.ssl, static_cast<std::uint8_t>(sni_ ? SSL_AD_UNRECOGNIZED_NAME : without_sni));
    return false;
}

// Everything that depends on domain or listener is set on the SSL, after the choice: the context would be too late or
// ignored for half of it (tls.md 7.3, finding 2).
bool ServerChannel::apply(const ServedDomain& domain, const ClientHello& hello) {
    const ServerSnapshot::Impl& impl = snapshot_.impl();
    SSL* const s = ssl();
    const VersionSet versions = domain.versions ? *domain.versions : policy_.versions.value_or(impl.versions);
    const auto& ciphers = domain.ciphers ? domain.ciphers : policy_.ciphers ? policy_.ciphers : impl.ciphers;
    const auto& groups = domain.groups.empty() ? impl.groups : domain.groups;

    const auto chosen = std::find_if(domain.credentials.begin(), domain.credentials.end(), [&](const auto& credential) {
        return hello.accepts(credential->type, versions, *ciphers);
    });
    // With nothing suitable the last one (RSA where there is one) is offered: the library then says what is missing.
    const Credential& credential = chosen != domain.credentials.end() ? **chosen : *domain.credentials.back();

    if (policy_.preempt_cipherlist.value_or(impl.root.preempt_cipherlist))
        SSL_set_options(s, SSL_OP_CIPHER_SERVER_PREFERENCE);
    if (!policy_.session_tickets.value_or(impl.root.session_tickets)) SSL_set_options(s, SSL_OP_NO_TICKET);
    return SSL_set_chain_and_key(s, credential.chain_view.data(), credential.chain_view.size(), credential.key.get(),
                                 nullptr) == 1 &&
           set_versions(s, versions, hello) && SSL_set1_curves(s, groups.data(), groups.size()) == 1 &&
           (ciphers == impl.ciphers || SSL_set_strict_cipher_list(s, ciphers->strict.c_str()) == 1) &&
           ask_for_certificate(domain) && set_session_id_context(domain, credential);
}

// Whatever certificate comes is taken here and judged after the handshake, where a resumed session is judged too
// (tls.md 2.7).
bool ServerChannel::ask_for_certificate(const ServedDomain& domain) {
    const ServerSnapshot::Impl& impl = snapshot_.impl();
    const auto listener = impl.root.listener_peers.find(policy_.listener_id);
    const PeerScope* const of_listener = listener == impl.root.listener_peers.end() ? nullptr : &listener->second;
    peer_policy_ = impl.peer_policies.resolve({domain.peers.get(), of_listener, &impl.root.peers});
    if (peer_policy_.mode == VerifyMode::none) return true;
    const bool insist = peer_policy_.mode == VerifyMode::require;
    SSL_set_custom_verify(ssl(), SSL_VERIFY_PEER | (insist ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                          [](SSL*, std::uint8_t*) { return ssl_verify_ok; });
    if (!peer_policy_.trust || peer_policy_.trust->impl().names_size > limits::client_ca_names) return true;
    bssl::UniquePtr<STACK_OF(CRYPTO_BUFFER)> names(sk_CRYPTO_BUFFER_new_null());
    if (!names) return false;
    for (const auto& name : peer_policy_.trust->impl().names) {
        if (!bssl::PushToStack(names.get(), bssl::UpRef(name))) return false;
    }
    SSL_set0_client_CAs(ssl(), names.release());
    return true;
}

// BoringSSL would resume a session of one name under another, and one of a listener that asks for less; with different
// contexts it does a full handshake.
bool ServerChannel::set_session_id_context(const ServedDomain& domain, const Credential& credential) {
    SHA256_CTX hash;
    SHA256_Init(&hash);
    hash_part(hash, policy_.listener_id);
    hash_part(hash, domain.name);
    hash_part(hash, std::to_string(static_cast<int>(credential.type)));
    hash_part(hash, std::to_string(static_cast<int>(peer_policy_.mode)));
    hash_part(hash, peer_policy_.trust ? peer_policy_.trust->digest() : std::string_view());
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    SHA256_Final(digest.data(), &hash);
    static_assert(SHA256_DIGEST_LENGTH <= SSL_MAX_SID_CTX_LENGTH);
    return SSL_set_session_id_context(ssl(), digest.data(), digest.size()) == 1;
}

const std::vector<std::string>& ServerChannel::alpn() const {
    return policy_.alpn ? *policy_.alpn : snapshot_.impl().root.alpn;
}

Facts ServerChannel::facts(bool implicit, std::chrono::milliseconds took) const {
    Facts facts = session_facts(implicit, took);
    facts.sni = sni_;
    facts.domain = domain_;
    facts.peer = peer_facts();
    return facts;
}

std::shared_ptr<const PeerFacts> ServerChannel::peer_facts() const {
    if (peer_policy_.mode == VerifyMode::none) return nullptr;
    const STACK_OF(CRYPTO_BUFFER)* shown = SSL_get0_peer_certificates(ssl());
    if (shown == nullptr || sk_CRYPTO_BUFFER_num(shown) == 0) return nobody_shown();
    PeerChain chain;
    for (const CRYPTO_BUFFER* each : shown) {
        chain.emplace_back(reinterpret_cast<const char*>(CRYPTO_BUFFER_data(each)), CRYPTO_BUFFER_len(each));
    }
    return judged_client(chain, peer_policy_.trust);
}

HandshakeError ServerChannel::kind_of(const Step& step) const {
    if (no_certificate_) return HandshakeError::no_certificate;
    return step.next == Step::Next::closed ? HandshakeError::peer_closed : HandshakeError::protocol;
}

HandshakeFailure ServerChannel::failure(HandshakeError kind, const error_code& why) const {
    std::string reason = kind != HandshakeError::no_certificate ? failure_text(kind, why)
                         : sni_                                 ? "no certificate for this name"
                                                                : "no server name";
    return {kind, std::move(reason), sni_, handshake_alert()};
}

}  // namespace sluice::tls
