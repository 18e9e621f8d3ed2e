// From a peer's certificate to a trusted one, with the library's own check.
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "engine/base/limits.hpp"
#include "engine/tls/peer_certificates.hpp"

namespace sluice::tls {

namespace {

PeerFault fault_of(int code) {
    switch (code) {
        case X509_V_ERR_CERT_HAS_EXPIRED: return PeerFault::expired;
        case X509_V_ERR_CERT_NOT_YET_VALID: return PeerFault::not_yet_valid;
        case X509_V_ERR_CERT_REVOKED: return PeerFault::revoked;
        case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
        case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD: return PeerFault::malformed;
        default: return PeerFault::not_trusted;
    }
}

// A list counts for the certificates of its CA; that others have none is no reason to refuse theirs.
int forgive_missing_lists(int ok, X509_STORE_CTX* context) {
    if (ok == 1 || X509_STORE_CTX_get_error(context) != X509_V_ERR_UNABLE_TO_GET_CRL) return ok;
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

}  // namespace

ChainVerdict check_chain(const std::vector<PeerCertificate>& chain, X509_STORE* store, bool lists, PeerRole role,
                         std::chrono::system_clock::time_point now) {
    const bssl::UniquePtr<X509_STORE_CTX> context(X509_STORE_CTX_new());
    const bssl::UniquePtr<STACK_OF(X509)> others(sk_X509_new_null());
    bool ready = context && others;
    for (std::size_t i = 1; ready && i < chain.size(); ++i) {
        ready = bssl::PushToStack(others.get(), bssl::UpRef(chain[i].x509));
    }
    ready = ready && X509_STORE_CTX_init(context.get(), store, chain[0].x509.get(), others.get()) == 1;
    if (!ready) {
        ERR_clear_error();
        return {PeerFault::not_trusted, X509_V_ERR_OUT_OF_MEM, X509_verify_cert_error_string(X509_V_ERR_OUT_OF_MEM)};
    }
    X509_VERIFY_PARAM* const how = X509_STORE_CTX_get0_param(context.get());
    const int purpose = role == PeerRole::client ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER;
    X509_STORE_CTX_set_purpose(context.get(), purpose);
    X509_VERIFY_PARAM_set_time(how, std::chrono::system_clock::to_time_t(now));
    X509_VERIFY_PARAM_set_depth(how, limits::certificate_chain);
    X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_PARTIAL_CHAIN);
    if (lists) {
        X509_VERIFY_PARAM_set_flags(how, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
        X509_STORE_CTX_set_verify_cb(context.get(), forgive_missing_lists);
    }
    const bool good = X509_verify_cert(context.get()) == 1;
    ERR_clear_error();
    if (good) return {};
    const int code = X509_STORE_CTX_get_error(context.get());
    return {fault_of(code), code, X509_verify_cert_error_string(code)};
}

}  // namespace sluice::tls
