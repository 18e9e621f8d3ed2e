// DANE: a peer's certificates against TLSA records (RFC 6698, 7671). The library has none of it.
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/tls/peer_certificates.hpp"
#include "engine/tls/pem.hpp"

namespace sluice::tls {

namespace {

// The numbers of the IANA registries.
enum Usage : std::uint8_t { DANE_TA = 2, DANE_EE = 3 };
enum Selector : std::uint8_t { CERTIFICATE = 0, PUBLIC_KEY = 1 };
enum MatchingType : std::uint8_t { FULL = 0, SHA_256 = 1, SHA_512 = 2 };

constexpr std::size_t kSha256Octets = 32;
constexpr std::size_t kSha512Octets = 64;

// RFC 7671 9: of the digests within one usage and selector only the strongest counts; full contents always do.
std::vector<const TlsaRecord*> records_that_count(const std::vector<TlsaRecord>& all) {
    std::array<std::uint8_t, 4> strongest{};  // by usage and selector
    const auto place = [](const TlsaRecord& record) {
        return static_cast<std::size_t>((record.usage - DANE_TA) * 2 + record.selector);
    };
    std::vector<const TlsaRecord*> usable;
    for (const TlsaRecord& record : all) {
        if (!is_usable(record)) continue;
        usable.push_back(&record);
        strongest[place(record)] = std::max(strongest[place(record)], record.matching_type);
    }
    std::erase_if(usable, [&](const TlsaRecord* record) {
        return record->matching_type != FULL && record->matching_type < strongest[place(*record)];
    });
    return usable;
}

bool matches(const TlsaRecord& record, const PeerCertificate& certificate) {
    std::string key;
    std::string_view selected = certificate.der;
    if (record.selector == PUBLIC_KEY) {
        key = public_key_info(certificate.x509.get());
        selected = key;
    }
    switch (record.matching_type) {
        case FULL: return record.data == selected;
        case SHA_256: return record.data == sha256(selected);
        default: return record.data == sha512(selected);
    }
}

class Matcher {
  public:
    Matcher(const std::vector<PeerCertificate>& chain, const Requirement& requirement,
            std::chrono::system_clock::time_point now)
        : chain_(chain), requirement_(requirement), now_(now) {
        best_.acceptable = false;
        best_.fault = PeerFault::tlsa_mismatch;
        best_.why = "no TLSA record matches the certificates";
    }

    Judgement judge() {
        const auto records = records_that_count(requirement_.tlsa);
        for (const TlsaRecord* record : records) {
            if (record->usage == DANE_EE ? matches(*record, chain_[0]) : anchored(*record)) {
                return best_.acceptable ? best_ : Judgement{.verified = true};
            }
        }
        if (records.empty()) best_.why = "there is no usable TLSA record";
        return best_;
    }

  private:
    bool anchored(const TlsaRecord& record) {
        for (std::size_t i = 1; i < chain_.size(); ++i) {
            if (matches(record, chain_[i]) && trusted_under(i)) return true;
        }
        if (record.matching_type != FULL) return false;
        return record.selector == CERTIFICATE ? trusted_under(parse_certificate(record.data), chain_.size())
                                              : signed_by(*parse_public_key(record.data));
    }

    // The record has a bare key, whose certificate the peer need not send: who is signed by it is an end of the chain.
    bool signed_by(EVP_PKEY& key) {
        for (std::size_t i = 0; i < chain_.size(); ++i) {
            const bool signature = X509_verify(chain_[i].x509.get(), &key) == 1;
            ERR_clear_error();
            if (signature && trusted_under(i)) return true;
        }
        return false;
    }

    bool trusted_under(std::size_t index) { return trusted_under(bssl::UpRef(chain_[index].x509), index); }

    // `index` is where the anchor stands in the chain; what peers send above it does not matter.
    bool trusted_under(const bssl::UniquePtr<X509>& anchor, std::size_t index) {
        const bssl::UniquePtr<X509_STORE> store(X509_STORE_new());
        if (!store || !anchor || X509_STORE_add_cert(store.get(), anchor.get()) != 1) return false;
        std::vector<PeerCertificate> below;
        for (std::size_t i = 0; i < chain_.size(); ++i) {
            if (i == 0 || i != index) below.push_back({chain_[i].der, bssl::UpRef(chain_[i].x509)});
        }
        best_ = judgement_of(check_chain(below, store.get(), false, requirement_.role, now_),
                             has_name(chain_[0].x509.get(), requirement_.names, requirement_.common_name), true);
        return best_.acceptable;
    }

    const std::vector<PeerCertificate>& chain_;
    const Requirement& requirement_;
    std::chrono::system_clock::time_point now_;
    Judgement best_;  // what came of the last anchor that was tried
};

}  // namespace

bool is_usable(const TlsaRecord& record) {
    if (record.usage != DANE_TA && record.usage != DANE_EE) return false;
    if (record.selector != CERTIFICATE && record.selector != PUBLIC_KEY) return false;
    switch (record.matching_type) {
        case SHA_256: return record.data.size() == kSha256Octets;
        case SHA_512: return record.data.size() == kSha512Octets;
        case FULL: break;
        default: return false;
    }
    const bool parses = record.selector == CERTIFICATE ? parse_certificate(record.data) != nullptr
                                                       : parse_public_key(record.data) != nullptr;
    ERR_clear_error();
    return parses;
}

Judgement judge_tlsa(const std::vector<PeerCertificate>& chain, const Requirement& requirement,
                     std::chrono::system_clock::time_point now) {
    return Matcher(chain, requirement, now).judge();
}

}  // namespace sluice::tls
