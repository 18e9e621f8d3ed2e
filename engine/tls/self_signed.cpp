#include "engine/tls/self_signed.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "engine/io/durable_file.hpp"
#include "engine/tls/library_error.hpp"
#include "engine/tls/name_table.hpp"

namespace sluice::tls {

namespace {

constexpr int kRsaBits = 2048;
constexpr int kSerialBits = 127;  // positive in 16 bytes
constexpr std::size_t kLongestCommonName = 64;
constexpr std::chrono::hours kClockDifference{1};

bssl::UniquePtr<EVP_PKEY> make_key(SelfSignedKey kind) {
    bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
    if (!key) return nullptr;
    if (kind == SelfSignedKey::ec_p256) {
        bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
        const bool made = ec && EC_KEY_generate_key(ec.get()) == 1 && EVP_PKEY_set1_EC_KEY(key.get(), ec.get()) == 1;
        return made ? std::move(key) : nullptr;
    }
    bssl::UniquePtr<RSA> rsa(RSA_new());
    bssl::UniquePtr<BIGNUM> exponent(BN_new());
    const bool made = rsa && exponent && BN_set_word(exponent.get(), RSA_F4) == 1 &&
                      RSA_generate_key_ex(rsa.get(), kRsaBits, exponent.get(), nullptr) == 1 &&
                      EVP_PKEY_set1_RSA(key.get(), rsa.get()) == 1;
    return made ? std::move(key) : nullptr;
}

bool set_serial(X509* certificate) {
    const bssl::UniquePtr<BIGNUM> number(BN_new());
    return number && BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_names(X509* certificate, const std::string& first) {
    X509_NAME* subject = X509_get_subject_name(certificate);
    const std::string common = first.substr(0, kLongestCommonName);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const std::uint8_t*>(common.data()),
                                      static_cast<int>(common.size()), -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1;
}

bool set_dates(X509* certificate, const SelfSignedRequest& request) {
    const auto begin = std::chrono::system_clock::to_time_t(request.now - kClockDifference);
    const auto end = std::chrono::system_clock::to_time_t(request.now + std::chrono::hours(24) * request.days);
    return ASN1_TIME_set(X509_getm_notBefore(certificate), begin) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), end) != nullptr;
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
    const bssl::UniquePtr<X509_EXTENSION> extension(
        X509V3_EXT_nconf_nid(nullptr, nullptr, nid, const_cast<char*>(value.c_str())));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_extensions(X509* certificate, const std::vector<std::string>& names) {
    std::string alternative;
    for (const std::string& name : names) alternative += (alternative.empty() ? "DNS:" : ",DNS:") + name;
    return add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
           add_extension(certificate, NID_subject_alt_name, alternative);
}

bssl::UniquePtr<X509> make_certificate(const SelfSignedRequest& request, EVP_PKEY* key) {
    constexpr long kVersion3 = 2;
    bssl::UniquePtr<X509> certificate(X509_new());
    X509* const x = certificate.get();
    const bool made = x != nullptr && X509_set_version(x, kVersion3) == 1 && set_serial(x) &&
                      set_names(x, request.dns_names[0]) && set_dates(x, request) && X509_set_pubkey(x, key) == 1 &&
                      add_extensions(x, request.dns_names) && X509_sign(x, key, EVP_sha256()) > 0;
    return made ? std::move(certificate) : nullptr;
}

std::string contents(BIO* bio) {
    const std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (BIO_mem_contents(bio, &bytes, &size) != 1) return {};
    return {reinterpret_cast<const char*>(bytes), size};
}

// Names go into a text that X509V3_EXT_nconf_nid parses, so nothing but host names may pass.
bool is_certificate_name(const std::string& name) {
    return is_sni_name(name.starts_with("*.") ? std::string_view(name).substr(2) : std::string_view(name));
}

SelfSignedResult failure(ProblemId id, const std::string& why) { return {std::nullopt, {make_problem(id, {}, why)}}; }

}  // namespace

SelfSignedResult make_self_signed(const SelfSignedRequest& asked) {
    SelfSignedRequest request = asked;
    if (request.dns_names.empty()) return failure(ProblemId::self_signed_request, "no DNS name");
    if (request.days < 1 || request.days > kLongestDays) {
        return failure(ProblemId::self_signed_request, std::to_string(request.days) + " days");
    }
    for (std::string& name : request.dns_names) {
        name = normalised_name(name);
        if (!is_certificate_name(name))
            return failure(ProblemId::self_signed_request, "'" + name + "' is no host name");
    }
    ERR_clear_error();
    const bssl::UniquePtr<EVP_PKEY> key = make_key(request.key);
    const bssl::UniquePtr<X509> certificate = key ? make_certificate(request, key.get()) : nullptr;
    const bssl::UniquePtr<BIO> certificate_text(BIO_new(BIO_s_mem()));
    const bssl::UniquePtr<BIO> key_text(BIO_new(BIO_s_mem()));
    const bool written =
        certificate && certificate_text && key_text &&
        PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1 &&
        PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
    const std::string reason = take_reason();
    if (!written) return failure(ProblemId::library_failure, reason);
    return {SelfSigned{contents(certificate_text.get()), contents(key_text.get())}, {}};
}

std::vector<Problem> store_certificate(const SelfSigned& pair, const std::string& certificate_path,
                                       const std::string& key_path) {
    constexpr mode_t kPublicFile = 0644;
    const std::vector<std::string_view> key{pair.private_key_pem};
    if (const std::error_code failed = io::replace_file(key_path, key_path + ".tmp", key)) {
        return {make_problem(ProblemId::store_failure, {}, key_path, failed.message())};
    }
    const std::vector<std::string_view> certificate{pair.certificate_pem};
    if (const auto failed = io::replace_file(certificate_path, certificate_path + ".tmp", certificate, kPublicFile)) {
        return {make_problem(ProblemId::store_failure, {}, certificate_path, failed.message())};
    }
    return {};
}

}  // namespace sluice::tls
