// Certificates made in a test: CAs, what they sign with any dates, names and purposes, and their lists of revoked
// certificates. Keys are EC P-256, because making one costs nothing.
#pragma once

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ec_key.h>
#include <openssl/evp.h>
#include <openssl/mem.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice::test {

using Hours = std::chrono::hours;

struct CertificateRequest {
    std::string common_name;        // empty: none
    std::string alternative_names;  // "DNS:a.test,IP:192.0.2.1,email:a@b.test"; empty: no such extension
    bool is_ca = false;
    std::string purposes;  // "serverAuth,clientAuth"; empty: any
    Hours from{-1};        // both counted from now
    Hours until{24};
};

class TestCertificate {
  public:
    TestCertificate(bssl::UniquePtr<X509> x509, bssl::UniquePtr<EVP_PKEY> key)
        : x509_(std::move(x509)), key_(std::move(key)) {}

    [[nodiscard]] X509* x509() const { return x509_.get(); }
    [[nodiscard]] EVP_PKEY* key() const { return key_.get(); }
    [[nodiscard]] std::string der() const {
        std::uint8_t* bytes = nullptr;
        return taken(bytes, i2d_X509(x509_.get(), &bytes));
    }
    // Of the SubjectPublicKeyInfo.
    [[nodiscard]] std::string key_der() const {
        std::uint8_t* bytes = nullptr;
        return taken(bytes, i2d_PUBKEY(key_.get(), &bytes));
    }
    [[nodiscard]] std::string pem() const {
        return text([&](BIO* bio) { return PEM_write_bio_X509(bio, x509_.get()); });
    }
    [[nodiscard]] std::string key_pem() const {
        return text([&](BIO* bio) {
            return PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
        });
    }

    [[nodiscard]] TestCertificate sign(const CertificateRequest& request) const { return make(request, this); }
    [[nodiscard]] static TestCertificate root(std::string common_name) {
        return make({.common_name = std::move(common_name), .is_ca = true}, nullptr);
    }
    [[nodiscard]] static TestCertificate self_signed(const CertificateRequest& request) {
        return make(request, nullptr);
    }

    // PEM of this CA's list.
    [[nodiscard]] std::string revoke(const std::vector<const TestCertificate*>& revoked, Hours from = Hours(-1),
                                     Hours until = Hours(24)) const {
        bssl::UniquePtr<X509_CRL> list(X509_CRL_new());
        require(X509_CRL_set_version(list.get(), X509_CRL_VERSION_2));
        require(X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(x509_.get())));
        require(X509_CRL_set1_lastUpdate(list.get(), moment(from).get()));
        require(X509_CRL_set1_nextUpdate(list.get(), moment(until).get()));
        for (const TestCertificate* each : revoked) {
            bssl::UniquePtr<X509_REVOKED> entry(X509_REVOKED_new());
            require(X509_REVOKED_set_serialNumber(entry.get(), X509_get_serialNumber(each->x509())));
            require(X509_REVOKED_set_revocationDate(entry.get(), moment(from).get()));
            require(X509_CRL_add0_revoked(list.get(), entry.release()));
        }
        require(X509_CRL_sort(list.get()));
        require(X509_CRL_sign(list.get(), key_.get(), EVP_sha256()) > 0);
        return text([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list.get()); });
    }

  private:
    static void require(bool made) {
        if (!made) std::abort();
    }
    template <typename Write>
    static std::string text(Write write) {
        const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
        const std::uint8_t* bytes = nullptr;
        std::size_t size = 0;
        require(write(bio.get()) == 1 && BIO_mem_contents(bio.get(), &bytes, &size) == 1);
        return {reinterpret_cast<const char*>(bytes), size};
    }
    static std::string taken(std::uint8_t* bytes, int size) {
        require(size > 0);
        std::string out(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
        OPENSSL_free(bytes);
        return out;
    }
    static bssl::UniquePtr<ASN1_TIME> moment(Hours from_now) {
        const auto time = std::chrono::system_clock::now() + from_now;
        return bssl::UniquePtr<ASN1_TIME>(ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(time)));
    }
    static bssl::UniquePtr<EVP_PKEY> new_key() {
        bssl::UniquePtr<EC_KEY> ec(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
        bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
        require(EC_KEY_generate_key(ec.get()) == 1 && EVP_PKEY_set1_EC_KEY(key.get(), ec.get()) == 1);
        return key;
    }
    static void extend(X509* x509, int nid, const std::string& value) {
        const bssl::UniquePtr<X509_EXTENSION> extension(
            X509V3_EXT_nconf_nid(nullptr, nullptr, nid, const_cast<char*>(value.c_str())));
        require(extension && X509_add_ext(x509, extension.get(), -1) == 1);
    }
    static TestCertificate make(const CertificateRequest& request, const TestCertificate* issuer) {
        static long serial = 1000;
        bssl::UniquePtr<EVP_PKEY> key = new_key();
        bssl::UniquePtr<X509> x509(X509_new());
        X509* const x = x509.get();
        require(X509_set_version(x, X509_VERSION_3) && ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial));
        X509_NAME* subject = X509_get_subject_name(x);
        const auto add = [&](const char* field, const std::string& value) {
            require(X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                               reinterpret_cast<const std::uint8_t*>(value.data()),
                                               static_cast<int>(value.size()), -1, 0));
        };
        add("O", "Test");
        if (!request.common_name.empty()) add("CN", request.common_name);
        require(X509_set_issuer_name(x, issuer != nullptr ? X509_get_subject_name(issuer->x509()) : subject));
        require(X509_set1_notBefore(x, moment(request.from).get()) &&
                X509_set1_notAfter(x, moment(request.until).get()));
        require(X509_set_pubkey(x, key.get()));
        extend(x, NID_basic_constraints, request.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
        if (request.is_ca) extend(x, NID_key_usage, "critical,keyCertSign,cRLSign");
        if (!request.purposes.empty()) extend(x, NID_ext_key_usage, request.purposes);
        if (!request.alternative_names.empty()) extend(x, NID_subject_alt_name, request.alternative_names);
        require(X509_sign(x, issuer != nullptr ? issuer->key() : key.get(), EVP_sha256()) > 0);
        // Read again, so that it is what a peer would get.
        TestCertificate made(std::move(x509), std::move(key));
        const std::string der = made.der();
        const auto* at = reinterpret_cast<const std::uint8_t*>(der.data());
        made.x509_.reset(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
        return made;
    }

    bssl::UniquePtr<X509> x509_;
    bssl::UniquePtr<EVP_PKEY> key_;
};

}  // namespace sluice::test
