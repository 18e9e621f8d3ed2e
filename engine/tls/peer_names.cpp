// The names of a certificate against those that were asked for (RFC 6125 6.4, RFC 7817). Own code and not
// X509_check_host, which knows no ".example.com".
#include <openssl/asn1.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "engine/base/asio.hpp"
#include "engine/tls/name_table.hpp"
#include "engine/tls/peer_certificates.hpp"
#include "engine/tls/pem.hpp"

namespace sluice::tls {

namespace {

std::string octets_of(const ASN1_STRING* string) {
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
            static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string lower(std::string name) {
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return name;
}

// The octets of an IPAddress SAN; empty: not an address.
std::string address_octets(const std::string& text) {
    error_code no_address;
    const auto address = asio::ip::make_address(text, no_address);
    if (no_address) return {};
    const auto copy = [](const auto& bytes) { return std::string(bytes.begin(), bytes.end()); };
    return address.is_v4() ? copy(address.to_v4().to_bytes()) : copy(address.to_v6().to_bytes());
}

// A presented name that can match anything: a host name, or "*." before one of two labels at least.
bool can_match(std::string_view presented) {
    if (!presented.starts_with("*.")) return is_sni_name(presented);
    presented.remove_prefix(2);
    return presented.find('.') != std::string_view::npos && is_sni_name(presented);
}

bool matches(const std::string& wanted, const std::string& presented) {
    if (!can_match(presented)) return false;
    if (!wanted.starts_with('.')) return is_sni_name(wanted) && covers(presented, wanted);
    return presented.size() > wanted.size() && presented.ends_with(wanted);
}

bool any_host(const std::vector<std::string>& wanted, const std::string& presented) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
        return address_octets(name).empty() && matches(name, presented);
    });
}

bool any_address(const std::vector<std::string>& wanted, const std::string& presented) {
    return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
        return !presented.empty() && address_octets(name) == presented;
    });
}

}  // namespace

bool has_name(X509* certificate, const std::vector<std::string>& names, bool common_name_counts) {
    if (X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) < 0) {
        return common_name_counts && any_host(names, lower(common_name(X509_get_subject_name(certificate))));
    }
    const bssl::UniquePtr<GENERAL_NAMES> presented(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    if (!presented) return false;
    for (const GENERAL_NAME* name : presented.get()) {
        if (name->type == GEN_DNS && any_host(names, lower(octets_of(name->d.dNSName)))) return true;
        if (name->type == GEN_IPADD && any_address(names, octets_of(name->d.iPAddress))) return true;
    }
    return false;
}

}  // namespace sluice::tls
