#include "engine/tls/pem.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>

#include "engine/tls/file_text.hpp"
#include "engine/tls/library_error.hpp"

namespace sluice::tls {

namespace {

int refuse_pass_phrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return 0;
}

bool has_dsa_key(X509* certificate) {
    ASN1_OBJECT* algorithm = nullptr;
    X509_PUBKEY* key = X509_get_X509_PUBKEY(certificate);
    return key != nullptr && X509_PUBKEY_get0_param(&algorithm, nullptr, nullptr, nullptr, key) == 1 &&
           OBJ_obj2nid(algorithm) == NID_dsa;
}

}  // namespace

bool at_end_of_pem() {
    const std::uint32_t error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

Chain read_chain(const std::string& path, const Origin& origin, std::vector<Problem>& problems) {
    Chain chain;
    FileText text;
    if (const int failed = text.read(path, kLargestPemFile); failed == ENOENT || failed == ENOTDIR) {
        problems.push_back(make_problem(ProblemId::certificate_missing, origin, path));
        return chain;
    } else if (failed != 0) {
        problems.push_back(make_problem(ProblemId::certificate_unreadable, origin, path, std::strerror(failed)));
        return chain;
    }
    ERR_clear_error();
    const bssl::UniquePtr<BIO> bio = text.bio();
    while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
        chain.certificates.emplace_back(certificate);
    }
    const bool complete = at_end_of_pem() && !chain.certificates.empty();
    const std::string reason = take_reason();
    if (!complete) {
        problems.push_back(make_problem(ProblemId::certificate_malformed, origin, path, reason));
        chain.certificates.clear();
    }
    return chain;
}

bssl::UniquePtr<EVP_PKEY> read_private_key(const std::string& path, const Origin& origin,
                                           std::vector<Problem>& problems) {
    FileText text;
    if (const int failed = text.read(path, kLargestPemFile); failed == ENOENT || failed == ENOTDIR) {
        problems.push_back(make_problem(ProblemId::key_missing, origin, path));
        return nullptr;
    } else if (failed != 0) {
        problems.push_back(make_problem(ProblemId::key_unreadable, origin, path, std::strerror(failed)));
        return nullptr;
    }
    ERR_clear_error();
    bool asked = false;
    const bssl::UniquePtr<BIO> bio = text.bio();
    bssl::UniquePtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_pass_phrase, &asked));
    const std::string reason = take_reason();
    if (asked) {
        problems.push_back(make_problem(ProblemId::key_encrypted, origin, path));
        return nullptr;
    }
    if (!key) {
        problems.push_back(make_problem(ProblemId::key_malformed, origin, path, reason));
        return nullptr;
    }
    if (key_type_of(key.get()) == KeyType::unsupported || key_type_of(key.get()) == KeyType::dsa) {
        problems.push_back(make_problem(ProblemId::key_type_unsupported, origin, path, key_type_text(key.get())));
        return nullptr;
    }
    return key;
}

KeyType key_type_of(const EVP_PKEY* key) {
    if (key == nullptr) return KeyType::unsupported;
    switch (EVP_PKEY_id(key)) {
        case EVP_PKEY_RSA: return KeyType::rsa;
        case EVP_PKEY_ED25519: return KeyType::ed25519;
        case EVP_PKEY_DSA: return KeyType::dsa;
        case EVP_PKEY_EC: break;
        default: return KeyType::unsupported;
    }
    switch (EC_GROUP_get_curve_name(EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(key)))) {
        case NID_X9_62_prime256v1: return KeyType::ec_p256;
        case NID_secp384r1: return KeyType::ec_p384;
        case NID_secp521r1: return KeyType::ec_p521;
        default: return KeyType::unsupported;
    }
}

KeyType key_type_of(X509* certificate) {
    if (has_dsa_key(certificate)) return KeyType::dsa;
    const bssl::UniquePtr<EVP_PKEY> key(X509_get_pubkey(certificate));
    ERR_clear_error();
    return key_type_of(key.get());
}

std::string key_type_text(const EVP_PKEY* key) {
    switch (key_type_of(key)) {
        case KeyType::rsa: return "RSA-" + std::to_string(EVP_PKEY_bits(key));
        case KeyType::ed25519: return "Ed25519";
        case KeyType::ec_p256: return "EC-P-256";
        case KeyType::ec_p384: return "EC-P-384";
        case KeyType::ec_p521: return "EC-P-521";
        case KeyType::dsa: return "DSA";
        case KeyType::unsupported: break;
    }
    if (key == nullptr) return "unknown";
    const char* name = OBJ_nid2sn(EVP_PKEY_id(key));
    return name != nullptr ? name : "unknown";
}

}  // namespace sluice::tls
