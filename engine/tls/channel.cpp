#include "engine/tls/channel.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "engine/tls/groups.hpp"
#include "engine/tls/library_error.hpp"
#include "engine/tls/socket_bio.hpp"

namespace sluice::tls {

namespace {

std::optional<std::string> channel_binding(SSL* ssl) {
    constexpr std::string_view label = "EXPORTER-Channel-Binding";
    if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(ssl) != 1) return std::nullopt;
    std::string bytes(32, '\0');
    if (SSL_export_keying_material(ssl, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size(), label.data(),
                                   label.size(), nullptr, 0, 0) != 1)
        return std::nullopt;
    return bytes;
}

int clamped(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

Channel::Channel(SSL_CTX* context, int descriptor, std::shared_ptr<const void> owner)
    : owner_(std::move(owner)), ssl_(SSL_new(context)) {
    BIO* bio = ssl_ ? make_socket_bio(descriptor) : nullptr;
    if (bio == nullptr) {
        ended_ = Step{Step::Next::failed, 0, error_code(ENOMEM, boost::system::system_category())};
        ssl_.reset();
        return;
    }
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_info_callback(ssl_.get(), note_alert);
    // A write that waited is repeated with the same bytes, which the caller may have moved meanwhile.
    SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // Gives back what only the handshake needed: less memory per idle session.
    SSL_set_shed_handshake_config(ssl_.get(), 1);
}

Channel::~Channel() = default;

void Channel::note_alert(const SSL* ssl, int type, int value) {
    if ((type & SSL_CB_ALERT) == 0) return;
    auto* self = static_cast<Channel*>(SSL_get_app_data(ssl));
    if (!self->established_ && !self->alert_) self->alert_ = value & 0xff;  // the high byte is the level
}

Step Channel::judge(int result) {
    const int error_number = errno;
    if (result > 0) return {Step::Next::done, static_cast<std::size_t>(result), {}};
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ: return {Step::Next::wait_readable, 0, {}};
        case SSL_ERROR_WANT_WRITE: return {Step::Next::wait_writable, 0, {}};
        case SSL_ERROR_ZERO_RETURN: ended_ = Step{Step::Next::closed, 0, {}}; break;
        case SSL_ERROR_SYSCALL:
            // 0 is an end of file without close_notify: to SMTP the same as an orderly end (QUIT and "." say what
            // counts).
            ended_ = result == 0 ? Step{Step::Next::closed, 0, {}}
                                 : Step::of_system_call(-1, error_number, Step::Next::failed);
            break;
        default: ended_ = Step{Step::Next::failed, 0, take_library_error()}; break;
    }
    ERR_clear_error();
    return *ended_;
}

Step Channel::handshake() {
    if (ended_) return *ended_;
    ERR_clear_error();
    const Step step = judge(SSL_do_handshake(ssl_.get()));
    established_ = step.next == Step::Next::done;
    return step;
}

Step Channel::read(std::span<char> into) {
    if (ended_) return *ended_;
    if (!established_) return {Step::Next::failed, 0, error_code(ENOTCONN, boost::system::system_category())};
    ERR_clear_error();
    return judge(SSL_read(ssl_.get(), into.data(), clamped(into.size())));
}

Step Channel::write(std::string_view bytes) {
    if (ended_) return *ended_;
    if (!established_) return {Step::Next::failed, 0, error_code(ENOTCONN, boost::system::system_category())};
    ERR_clear_error();
    return judge(SSL_write(ssl_.get(), bytes.data(), clamped(bytes.size())));
}

bool Channel::readable_now() {
    if (ended_ || !established_) return false;
    // SSL_pending alone misses what the kernel holds; FIONREAD alone counts records that carry no data (tickets,
    // alerts).
    char first = 0;
    ERR_clear_error();
    const bool readable = SSL_peek(ssl_.get(), &first, 1) > 0;
    ERR_clear_error();  // an error or an end is told again by the next read
    return readable;
}

bool Channel::quiet_now() {
    if (ended_ || !established_) return false;
    char first = 0;
    ERR_clear_error();
    const int result = SSL_peek(ssl_.get(), &first, 1);
    const bool quiet = result <= 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ;
    ERR_clear_error();  // an error or an end is told again by the next read
    return quiet;
}

void Channel::close_notify() noexcept {
    if (!established_ || (ended_ && ended_->next == Step::Next::failed)) return;
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

Facts Channel::session_facts(bool implicit, std::chrono::milliseconds took) const {
    Facts facts;
    facts.implicit = implicit;
    facts.version = SSL_get_version(ssl());
    if (const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl())) {
        facts.cipher = SSL_CIPHER_get_name(cipher);
        facts.cipher_std = SSL_CIPHER_standard_name(cipher);
        facts.cipher_usebits = SSL_CIPHER_get_bits(cipher, &facts.cipher_algbits);
    }
    facts.group = group_name(SSL_get_curve_id(ssl()));
    const std::uint8_t* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl(), &protocol, &size);
    if (size > 0) facts.alpn.emplace(reinterpret_cast<const char*>(protocol), size);
    facts.resumed = SSL_session_reused(ssl()) == 1;
    facts.handshake_ms = static_cast<int>(took.count());
    facts.exporter = channel_binding(ssl());
    return facts;
}

std::string Channel::failure_text(HandshakeError kind, const error_code& why) {
    switch (kind) {
        case HandshakeError::timeout: return "handshake timeout";
        case HandshakeError::cancelled: return "cancelled";
        case HandshakeError::peer_closed: return why ? reason_text(why) : "connection closed by the peer";
        case HandshakeError::no_certificate:
        case HandshakeError::protocol: break;
    }
    return reason_text(why);
}

}  // namespace sluice::tls
