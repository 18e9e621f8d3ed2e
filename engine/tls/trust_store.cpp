#include "engine/tls/trust_store.hpp"

#include <openssl/bio.h>
#include <openssl/digest.h>
#include <openssl/err.h>
#include <openssl/mem.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/tls/file_text.hpp"
#include "engine/tls/library_error.hpp"
#include "engine/tls/pem.hpp"
#include "engine/tls/trust_store_impl.hpp"

namespace sluice::tls {

namespace {

// Debian's, then those of other systems.
constexpr std::array kSystemBundles = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                       "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

std::string text_of(const ASN1_TIME* time) {
    const bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
    const std::uint8_t* bytes = nullptr;
    std::size_t size = 0;
    if (!bio || ASN1_TIME_print(bio.get(), time) != 1 || BIO_mem_contents(bio.get(), &bytes, &size) != 1) return "?";
    return {reinterpret_cast<const char*>(bytes), size};
}

template <typename Object>
std::string digest_of(const Object* object, int (*digest)(const Object*, const EVP_MD*, std::uint8_t*, unsigned*)) {
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> bytes{};
    unsigned size = 0;
    if (digest(object, EVP_sha256(), bytes.data(), &size) != 1) return {};
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

// The problems of one kind of file.
struct FileProblems {
    ProblemId missing;
    ProblemId unreadable;
    ProblemId empty;
    ProblemId malformed;
};
constexpr FileProblems kOfAuthorities = {ProblemId::ca_missing, ProblemId::ca_unreadable, ProblemId::ca_empty,
                                         ProblemId::ca_malformed};
constexpr FileProblems kOfLists = {ProblemId::crl_missing, ProblemId::crl_unreadable, ProblemId::crl_empty,
                                   ProblemId::crl_malformed};

class Loader {
  public:
    explicit Loader(const Origin& origin) : origin_(origin), impl_(std::make_unique<TrustStore::Impl>()) {
        impl_->store.reset(X509_STORE_new());
        if (!impl_->store) problem(ProblemId::library_failure, take_reason());
    }

    void add_authorities(const std::string& path) {
        read_all(path, limits::ca_file, kOfAuthorities, [&](BIO* bio) {
            const bssl::UniquePtr<X509> certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
            if (certificate) add(certificate.get(), path);
            return certificate != nullptr;
        });
    }

    void add_lists(const std::string& path) {
        read_all(path, limits::crl_file, kOfLists, [&](BIO* bio) {
            const bssl::UniquePtr<X509_CRL> list(PEM_read_bio_X509_CRL(bio, nullptr, nullptr, nullptr));
            if (list) add(list.get(), path);
            return list != nullptr;
        });
    }

    // Where the library was built to look; what is there is read when it is asked for, and cannot be listed.
    void add_default_paths() {
        problem(ProblemId::ca_no_system_bundle, kSystemBundles[0]);
        if (impl_->store && X509_STORE_set_default_paths(impl_->store.get()) != 1) {
            problem(ProblemId::library_failure, take_reason());
        }
    }

    std::pair<std::unique_ptr<TrustStore::Impl>, std::vector<Problem>> finish() {
        std::sort(digests_.begin(), digests_.end());
        SHA256_CTX hash;
        SHA256_Init(&hash);
        for (const std::string& each : digests_) SHA256_Update(&hash, each.data(), each.size());
        std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
        SHA256_Final(digest.data(), &hash);
        impl_->digest.assign(reinterpret_cast<const char*>(digest.data()), digest.size());
        ERR_clear_error();
        if (has_error(problems_)) impl_.reset();
        return {std::move(impl_), std::move(problems_)};
    }

  private:
    // `read_one` takes the next PEM block of its kind; false: there is none, or it cannot be parsed.
    template <typename ReadOne>
    void read_all(const std::string& path, std::size_t largest, const FileProblems& problems, ReadOne read_one) {
        FileText text;
        if (const int failed = text.read(path, largest); failed == ENOENT || failed == ENOTDIR) {
            return problem(problems.missing, path);
        } else if (failed != 0) {
            return problem(problems.unreadable, path, std::strerror(failed));
        }
        if (text.blank()) return problem(problems.empty, path);
        ERR_clear_error();
        const bssl::UniquePtr<BIO> bio = text.bio();
        bool any = false;
        while (read_one(bio.get())) any = true;
        const bool complete = any && at_end_of_pem();
        const std::string reason = take_reason();
        if (!complete) problem(problems.malformed, path, reason);
    }

    [[nodiscard]] bool is_new(std::string digest) {
        if (std::find(digests_.begin(), digests_.end(), digest) != digests_.end()) return false;
        digests_.push_back(std::move(digest));
        return true;
    }

    void add(X509* certificate, const std::string& path) {
        if (!impl_->store || !is_new(digest_of(certificate, X509_digest))) return;
        CertificateInfo info = describe(certificate, now_);
        info.certificate = path;
        if (info.expires_in_s < 0) problem(ProblemId::ca_expired, info.subject, path, info.not_after);
        impl_->certificates.push_back(std::move(info));
        if (X509_STORE_add_cert(impl_->store.get(), certificate) != 1 || !add_name(certificate)) {
            problem(ProblemId::library_failure, take_reason());
        }
    }

    [[nodiscard]] bool add_name(X509* certificate) {
        std::uint8_t* der = nullptr;
        const int size = i2d_X509_NAME(X509_get_subject_name(certificate), &der);
        if (size <= 0) return false;
        impl_->names.emplace_back(CRYPTO_BUFFER_new(der, static_cast<std::size_t>(size), nullptr));
        impl_->names_size += static_cast<std::size_t>(size);
        OPENSSL_free(der);
        return impl_->names.back() != nullptr;
    }

    void add(X509_CRL* list, const std::string& path) {
        if (!impl_->store || !is_new(digest_of(list, X509_CRL_digest))) return;
        std::time_t moment = std::chrono::system_clock::to_time_t(now_);
        const ASN1_TIME* next = X509_CRL_get0_nextUpdate(list);
        const ASN1_TIME* last = X509_CRL_get0_lastUpdate(list);
        if (next != nullptr && X509_cmp_time(next, &moment) <= 0) {
            problem(ProblemId::crl_expired, path, text_of(next));
        } else if (X509_cmp_time(last, &moment) > 0) {
            problem(ProblemId::crl_not_yet_valid, path, text_of(last));
        }
        impl_->has_lists = true;
        if (X509_STORE_add_crl(impl_->store.get(), list) != 1) problem(ProblemId::library_failure, take_reason());
    }

    template <typename... Arguments>
    void problem(ProblemId id, const Arguments&... arguments) {
        problems_.push_back(make_problem(id, origin_, arguments...));
    }

    const Origin& origin_;
    std::unique_ptr<TrustStore::Impl> impl_;
    std::vector<Problem> problems_;
    std::vector<std::string> digests_;  // of certificates and lists
    std::chrono::system_clock::time_point now_ = std::chrono::system_clock::now();
};

}  // namespace

TrustStore::TrustStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TrustStore::~TrustStore() = default;

TrustStore::Loaded TrustStore::load(const std::string& path, const std::vector<std::string>& crls,
                                    const Origin& origin) {
    Loader loader(origin);
    loader.add_authorities(path);
    for (const std::string& each : crls) loader.add_lists(each);
    auto [impl, problems] = loader.finish();
    Loaded loaded{nullptr, std::move(problems)};
    if (impl) loaded.store.reset(new TrustStore(std::move(impl)));
    return loaded;
}

TrustStore::Loaded TrustStore::system() {
    static const Loaded once = [] {
        const auto* bundle = std::find_if(kSystemBundles.begin(), kSystemBundles.end(),
                                          [](const char* path) { return ::access(path, F_OK) == 0; });
        if (bundle != kSystemBundles.end()) {
            Loaded loaded = load(*bundle, {}, Origin{*bundle});
            // Who keeps the bundle knows when to drop a root; until then nobody here can do anything about it.
            std::erase_if(loaded.problems,
                          [](const Problem& each) { return each.severity != Problem::Severity::error; });
            return loaded;
        }
        const Origin nowhere;
        Loader loader(nowhere);
        loader.add_default_paths();
        auto [impl, problems] = loader.finish();
        Loaded loaded{nullptr, std::move(problems)};
        if (impl) loaded.store.reset(new TrustStore(std::move(impl)));
        return loaded;
    }();
    return once;
}

std::size_t TrustStore::size() const noexcept { return impl_->certificates.size(); }
std::string_view TrustStore::digest() const noexcept { return impl_->digest; }
const std::vector<CertificateInfo>& TrustStore::certificates() const noexcept { return impl_->certificates; }

}  // namespace sluice::tls
