#include "engine/tls/certificate_info.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/digest.h>
#include <openssl/err.h>
#include <openssl/mem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

#include "engine/tls/pem.hpp"

namespace sluice::tls {

namespace {

std::string hex(const std::uint8_t* bytes, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out += fmt::format("{:02x}", bytes[i]);
    return out;
}

std::string name_text(X509_NAME* name) {
    const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
    const std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) return {};
    if (BIO_mem_contents(bio.get(), &bytes, &size) != 1) return {};
    return {reinterpret_cast<const char*>(bytes), size};
}

std::string serial_text(X509* certificate) {
    const bssl::UniquePtr<BIGNUM> number(ASN1_INTEGER_to_BN(X509_get_serialNumber(certificate), nullptr));
    if (!number) return {};
    const bssl::UniquePtr<char> digits(BN_bn2hex(number.get()));
    return digits ? digits.get() : "";
}

std::int64_t seconds_since_epoch(const ASN1_TIME* time) {
    const bssl::UniquePtr<ASN1_TIME> epoch(ASN1_TIME_set(nullptr, 0));
    int days = 0;
    int seconds = 0;
    if (!epoch || ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) return 0;
    return std::int64_t{days} * 86400 + seconds;
}

std::string iso_time(std::int64_t seconds) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    if (::gmtime_r(&time, &parts) == nullptr) return {};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                       parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// The peer wrote these texts, and they go into logs, header fields and rules: what is no printable character is shown
// as
// "\\x00". Bytes of UTF-8 stay where the type of the string promises them.
std::string shown(std::string_view text, bool utf8) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !utf8)) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out;
}

std::string text_of(const ASN1_STRING* string) {
    return shown({reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
                  static_cast<std::size_t>(ASN1_STRING_length(string))},
                 false);
}

std::string address_text(const ASN1_STRING* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = ASN1_STRING_length(address) == 16 ? AF_INET6 : AF_INET;
    if (ASN1_STRING_length(address) != 4 && ASN1_STRING_length(address) != 16) return "?";
    ::inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size());
    return text.data();
}

void describe_names(X509* certificate, CertificateInfo& info) {
    const bssl::UniquePtr<GENERAL_NAMES> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    if (!names) return;
    for (const GENERAL_NAME* name : names.get()) {
        switch (name->type) {
            case GEN_DNS:
                info.names.push_back(text_of(name->d.dNSName));
                info.sans.push_back("DNS:" + info.names.back());
                break;
            case GEN_EMAIL: info.sans.push_back("email:" + text_of(name->d.rfc822Name)); break;
            case GEN_URI: info.sans.push_back("URI:" + text_of(name->d.uniformResourceIdentifier)); break;
            case GEN_IPADD: info.sans.push_back("IP:" + address_text(name->d.iPAddress)); break;
            default: info.sans.push_back("other"); break;
        }
    }
}

void describe_digests(X509* certificate, CertificateInfo& info) {
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    unsigned size = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1) info.fingerprint = hex(digest.data(), size);
    const std::string key = public_key_info(certificate);
    if (key.empty()) return;
    SHA256(reinterpret_cast<const std::uint8_t*>(key.data()), key.size(), digest.data());
    info.spki_fingerprint = hex(digest.data(), digest.size());
}

}  // namespace

std::string common_name(const X509_NAME* name) {
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) last = at;
    if (last < 0) return {};
    std::uint8_t* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    if (size < 0) return {};
    std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return text;
}

std::string public_key_info(X509* certificate) {
    std::uint8_t* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size <= 0) return {};
    std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
}

CertificateInfo describe(X509* certificate, std::chrono::system_clock::time_point now) {
    CertificateInfo info;
    info.subject = name_text(X509_get_subject_name(certificate));
    info.issuer = name_text(X509_get_issuer_name(certificate));
    info.subject_cn = shown(common_name(X509_get_subject_name(certificate)), true);
    info.issuer_cn = shown(common_name(X509_get_issuer_name(certificate)), true);
    info.serial = serial_text(certificate);
    const bssl::UniquePtr<EVP_PKEY> key(X509_get_pubkey(certificate));
    info.key_type = key_type_of(certificate) == KeyType::dsa ? "DSA" : key_type_text(key.get());
    const std::int64_t not_after = seconds_since_epoch(X509_get0_notAfter(certificate));
    info.not_before = iso_time(seconds_since_epoch(X509_get0_notBefore(certificate)));
    info.not_after = iso_time(not_after);
    info.expires_in_s = not_after - std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    info.self_signed = X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
    info.is_ca = X509_check_ca(certificate) == 1;
    describe_names(certificate, info);
    describe_digests(certificate, info);
    ERR_clear_error();
    return info;
}

CertificateInfoResult read_certificate_info(const std::string& path, std::chrono::system_clock::time_point now) {
    CertificateInfoResult result;
    const Chain chain = read_chain(path, Origin{path}, result.problems);
    for (const auto& certificate : chain.certificates) {
        result.chain.push_back(describe(certificate.get(), now));
        result.chain.back().certificate = path;
    }
    return result;
}

}  // namespace sluice::tls
