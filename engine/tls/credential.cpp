#include "engine/tls/credential.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/mem.h>
#include <openssl/x509.h>

#include "engine/tls/library_error.hpp"

namespace sluice::tls {

namespace {

constexpr unsigned kLeastRsaBits = 2048;

class Loader {
  public:
    Loader(const CertificatePair& files, const Origin& origin) : files_(files), origin_(origin) {}

    CredentialResult load(const BufferPool& pool, std::chrono::system_clock::time_point now) {
        const std::string& key_file = files_.private_key.empty() ? files_.certificate : files_.private_key;
        const Chain chain = read_chain(files_.certificate, origin_, result_.problems);
        // Read the key even if the chain is bad: all problems are told at once.
        auto credential = std::make_shared<Credential>();
        credential->pool = pool;
        const bool dsa = !chain.certificates.empty() && key_type_of(chain.certificates[0].get()) == KeyType::dsa;
        if (dsa) {
            problem(ProblemId::dsa_certificate, files_.certificate);
            return std::move(result_);
        }
        credential->key = read_private_key(key_file, origin_, result_.problems);
        if (chain.certificates.empty() || !credential->key) return std::move(result_);
        X509* leaf = chain.certificates[0].get();
        if (X509_check_private_key(leaf, credential->key.get()) != 1) {
            problem(ProblemId::key_mismatch, key_file, files_.certificate);
        }
        ERR_clear_error();
        credential->type = key_type_of(credential->key.get());
        credential->info = describe(leaf, now);
        credential->info.certificate = files_.certificate;
        check_dates(leaf, credential->info, now);
        check_strength(*credential->key);
        check_chain(chain, credential->info);
        if (!copy_chain(chain, *credential)) problem(ProblemId::library_failure, take_reason());
        if (!has_error(result_.problems)) result_.credential = std::move(credential);
        return std::move(result_);
    }

  private:
    void check_dates(X509* leaf, const CertificateInfo& info, std::chrono::system_clock::time_point now) {
        std::time_t moment = std::chrono::system_clock::to_time_t(now);
        if (X509_cmp_time(X509_get0_notAfter(leaf), &moment) < 0) {
            problem(ProblemId::certificate_expired, files_.certificate, info.not_after);
        }
        if (X509_cmp_time(X509_get0_notBefore(leaf), &moment) > 0) {
            problem(ProblemId::certificate_not_yet_valid, files_.certificate, info.not_before);
        }
    }

    void check_strength(const EVP_PKEY& key) {
        const auto bits = static_cast<unsigned>(EVP_PKEY_bits(&key));
        if (key_type_of(&key) == KeyType::rsa && bits < kLeastRsaBits) {
            problem(ProblemId::weak_rsa, files_.certificate, bits);
        }
    }

    void check_chain(const Chain& chain, const CertificateInfo& info) {
        if (chain.certificates.size() == 1 && !info.self_signed) {
            problem(ProblemId::chain_incomplete, files_.certificate, info.issuer);
        }
        for (std::size_t i = 1; i < chain.certificates.size(); ++i) {
            X509_NAME* issuer = X509_get_issuer_name(chain.certificates[i - 1].get());
            if (X509_NAME_cmp(issuer, X509_get_subject_name(chain.certificates[i].get())) == 0) continue;
            problem(ProblemId::chain_order, files_.certificate, i + 1);
            return;
        }
    }

    static bool copy_chain(const Chain& chain, Credential& credential) {
        for (const auto& certificate : chain.certificates) {
            std::uint8_t* der = nullptr;
            const int size = i2d_X509(certificate.get(), &der);
            if (size <= 0) return false;
            credential.chain.emplace_back(
                CRYPTO_BUFFER_new(der, static_cast<std::size_t>(size), credential.pool.get()));
            OPENSSL_free(der);
            if (!credential.chain.back()) return false;
            credential.chain_view.push_back(credential.chain.back().get());
        }
        return true;
    }

    template <typename... Arguments>
    void problem(ProblemId id, const Arguments&... arguments) {
        result_.problems.push_back(make_problem(id, origin_, arguments...));
    }

    const CertificatePair& files_;
    const Origin& origin_;
    CredentialResult result_;
};

}  // namespace

BufferPool make_buffer_pool() { return {CRYPTO_BUFFER_POOL_new(), CRYPTO_BUFFER_POOL_free}; }

CredentialResult load_credential(const CertificatePair& files, const Origin& origin, const BufferPool& pool,
                                 std::chrono::system_clock::time_point now) {
    return Loader(files, origin).load(pool, now);
}

}  // namespace sluice::tls
