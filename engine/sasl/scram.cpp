// SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677), with and without channel binding: the state machine is
// libgsasl's. It asks for salt and keys by a callback, so that no password and no PBKDF2 is needed here. What it leaves
// open is checked around it: NUL in messages, `p` without -PLUS, authzid, and the empty answer to the server's proof.
#include <gsasl.h>

#include <memory>

#include "engine/sasl/dialogue.hpp"
#include "engine/sasl/prepare.hpp"
#include "engine/sasl/wire.hpp"

namespace sluice::sasl {
namespace {

struct GsaslFree {
    void operator()(char* bytes) const { gsasl_free(bytes); }
};
struct GsaslFinish {
    void operator()(Gsasl_session* session) const { gsasl_finish(session); }
};

bool is_plus(Mechanism mechanism) {
    return mechanism == Mechanism::scram_sha_1_plus || mechanism == Mechanism::scram_sha_256_plus;
}

Hash hash_of(Mechanism mechanism) {
    const bool sha_1 = mechanism == Mechanism::scram_sha_1 || mechanism == Mechanism::scram_sha_1_plus;
    return sha_1 ? Hash::sha_1 : Hash::sha_256;
}

class Scram : public Exchange::Dialogue {
  public:
    Scram(Mechanism mechanism, const ExchangeContext& context) : mechanism_(mechanism), context_(context) {}

    Step step(std::string_view message, Credentials& credentials) override {
        if (proven_) {
            // RFC 4954 4: the server's proof went out as a challenge, for 235 can carry none.
            if (!message.empty()) return fail(FailureKind::malformed, "an answer to the server's proof");
            credentials.kind = CredentialKind::keys;
            credentials.proven = true;
            credentials.authid = std::move(name_);
            credentials.authzid = property(GSASL_AUTHZID);
            return {.kind = StepKind::success};
        }
        // The library takes messages for C strings here and there.
        if (message.empty() || message.find('\0') != std::string_view::npos)
            return fail(FailureKind::malformed, "an empty message, or one with NUL");
        if (!session_) {
            if (auto failed = begin(message)) return std::move(*failed);
        }
        return run(message);
    }

    // What libgsasl asks for.
    int provide(Gsasl_property wanted) {
        switch (wanted) {
            case GSASL_CB_TLS_EXPORTER:
                if (!context_.tls_exporter) return GSASL_NO_CALLBACK;
                return set(wanted, encode_base64(*context_.tls_exporter));
            case GSASL_SCRAM_ITER: return provide_keys();
            default: return GSASL_NO_CALLBACK;
        }
    }

  private:
    // The library looks at the gs2 header, too, but takes `p` without -PLUS, and names no reason.
    std::optional<Step> begin(std::string_view message) {
        const auto flag = message.substr(0, message.find(','));
        if (is_plus(mechanism_) && flag != "p=tls-exporter")
            return fail(FailureKind::channel_binding, "the client does not bind to tls-exporter");
        if (!is_plus(mechanism_) && flag == "y" && context_.tls_exporter)
            return fail(FailureKind::channel_binding, "somebody removed -PLUS from the list of mechanisms");
        if (!is_plus(mechanism_) && flag != "n" && flag != "y")
            return fail(FailureKind::malformed, "channel binding without -PLUS");
        Gsasl_session* session = nullptr;
        if (!library() || gsasl_server_start(library(), to_string(mechanism_).data(), &session) != GSASL_OK)
            return fail(FailureKind::internal, "libgsasl cannot start");
        session_.reset(session);
        gsasl_session_hook_set(session, this);
        return std::nullopt;
    }

    Step run(std::string_view message) {
        char* bytes = nullptr;
        std::size_t size = 0;
        const int code = gsasl_step(session_.get(), message.data(), message.size(), &bytes, &size);
        const std::unique_ptr<char, GsaslFree> owner(bytes);
        if (code != GSASL_OK && code != GSASL_NEEDS_MORE) return failure(code);
        if (name_.empty()) return fail(FailureKind::malformed, "the name is too long");  // found by provide_keys()
        if (!same_identity(property(GSASL_AUTHZID), name_))
            return fail(FailureKind::another_identity, "authzid is not authid");
        proven_ = code == GSASL_OK;
        return challenge(std::string(bytes, size));
    }

    Step failure(int code) const {
        switch (code) {
            case GSASL_MECHANISM_PARSE_ERROR:
            case GSASL_BASE64_ERROR: return fail(FailureKind::malformed, gsasl_strerror_name(code));
            case GSASL_AUTHENTICATION_ERROR:
                return name_.empty() ? fail(FailureKind::malformed, "the name is empty or not valid UTF-8 text")
                                     : fail(FailureKind::rejected, "nonce, channel binding or proof do not fit");
            case GSASL_SASLPREP_ERROR: return fail(FailureKind::malformed, gsasl_strerror_name(code));
            default: return fail(FailureKind::internal, gsasl_strerror_name(code));
        }
    }

    // After the client's first message, all at once. A name that cannot be prepared is refused by the library before.
    int provide_keys() {
        auto name = prepare_name(property(GSASL_AUTHID), Use::query);
        if (!name) return GSASL_NO_AUTHID;
        name_ = std::move(*name);
        const ScramKeys keys = context_.credentials->scram_keys(hash_of(mechanism_), name_);
        for (const auto& [where, value] : {std::pair{GSASL_SCRAM_ITER, std::to_string(keys.iterations)},
                                           std::pair{GSASL_SCRAM_SALT, encode_base64(keys.salt)},
                                           std::pair{GSASL_SCRAM_STOREDKEY, encode_base64(keys.stored_key)},
                                           std::pair{GSASL_SCRAM_SERVERKEY, encode_base64(keys.server_key)}})
            if (const int failed = set(where, value); failed != GSASL_OK) return failed;
        return GSASL_OK;
    }

    int set(Gsasl_property where, const std::string& value) {
        return gsasl_property_set_raw(session_.get(), where, value.data(), value.size());
    }

    [[nodiscard]] std::string property(Gsasl_property which) const {
        const char* value = gsasl_property_fast(session_.get(), which);
        return value ? value : "";
    }

    // One for the process: after this it is only read, so threads share it. Lives as long as the process.
    static Gsasl* library() {
        static Gsasl* const made = [] {
            Gsasl* library = nullptr;
            if (gsasl_init(&library) != GSASL_OK) return static_cast<Gsasl*>(nullptr);
            gsasl_callback_set(library, [](Gsasl*, Gsasl_session* session, Gsasl_property wanted) -> int {
                auto* self = session ? static_cast<Scram*>(gsasl_session_hook_get(session)) : nullptr;
                return self ? self->provide(wanted) : GSASL_NO_CALLBACK;
            });
            return library;
        }();
        return made;
    }

    Mechanism mechanism_;
    const ExchangeContext& context_;
    std::unique_ptr<Gsasl_session, GsaslFinish> session_;
    std::string name_;
    bool proven_ = false;
};

}  // namespace

std::unique_ptr<Exchange::Dialogue> make_scram(Mechanism mechanism, const ExchangeContext& context) {
    if (!context.credentials || (is_plus(mechanism) && !context.tls_exporter)) return nullptr;
    return std::make_unique<Scram>(mechanism, context);
}

}  // namespace sluice::sasl
