// libgsasl's client: an implementation of every mechanism that is not ours.
#pragma once

#include <gsasl.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/sasl/wire.hpp"

namespace sluice::sasl {

class GsaslClient {
  public:
    std::string authid;
    std::string authzid;
    std::string password;
    std::string token;
    std::string tls_exporter;

    explicit GsaslClient(std::string_view mechanism) {
        if (gsasl_init(&library_) != GSASL_OK) return;
        gsasl_callback_set(library_, [](Gsasl*, Gsasl_session* session, Gsasl_property wanted) -> int {
            return static_cast<GsaslClient*>(gsasl_session_hook_get(session))->provide(session, wanted);
        });
        if (gsasl_client_start(library_, std::string(mechanism).c_str(), &session_) != GSASL_OK) return;
        gsasl_session_hook_set(session_, this);
    }
    ~GsaslClient() {
        if (session_) gsasl_finish(session_);
        if (library_) gsasl_done(library_);
    }
    GsaslClient(const GsaslClient&) = delete;
    GsaslClient& operator=(const GsaslClient&) = delete;

    // nullopt: the client refuses, or has no such mechanism.
    std::optional<std::string> step(std::string_view challenge) {
        if (!session_) return std::nullopt;
        char* bytes = nullptr;
        std::size_t size = 0;
        code = gsasl_step(session_, challenge.data(), challenge.size(), &bytes, &size);
        std::string message(bytes ? bytes : "", size);
        gsasl_free(bytes);
        if (code != GSASL_OK && code != GSASL_NEEDS_MORE) return std::nullopt;
        return message;
    }

    int code = GSASL_OK;  // of the last step

  private:
    int provide(Gsasl_session* session, Gsasl_property wanted) {
        const std::string* value = nullptr;
        const std::string binding = encode_base64(tls_exporter);
        switch (wanted) {
            case GSASL_AUTHID: value = &authid; break;
            case GSASL_AUTHZID: value = authzid.empty() ? nullptr : &authzid; break;
            case GSASL_PASSWORD: value = &password; break;
            case GSASL_ANONYMOUS_TOKEN: value = &token; break;
            case GSASL_CB_TLS_EXPORTER: value = tls_exporter.empty() ? nullptr : &binding; break;
            default: break;
        }
        return value ? gsasl_property_set(session, wanted, value->c_str()) : GSASL_NO_CALLBACK;
    }

    Gsasl* library_ = nullptr;
    Gsasl_session* session_ = nullptr;
};

}  // namespace sluice::sasl
