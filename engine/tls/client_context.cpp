#include "engine/tls/client_context.hpp"

#include <openssl/err.h>

#include <cstdint>
#include <iterator>
#include <utility>

#include "engine/tls/cipher_list.hpp"
#include "engine/tls/client_channel.hpp"
#include "engine/tls/client_context_impl.hpp"
#include "engine/tls/groups.hpp"
#include "engine/tls/library_error.hpp"
#include "engine/tls/protocol_versions.hpp"
#include "engine/tls/signature_algorithms.hpp"

namespace sluice::tls {

namespace {

// Collects what is wrong with the settings, then makes the context.
class Maker {
  public:
    Maker(const ClientSettings& settings, const Origin& origin) : origin_(origin) {
        VersionSetResult versions = translate_versions(settings.protocol_version, origin);
        versions_ = versions.versions;
        note(std::move(versions.problems));
        CipherListResult ciphers = translate_ciphers(settings.ciphers, origin);
        ciphers_ = std::move(ciphers.strict);
        note(std::move(ciphers.problems));
        GroupListResult groups = translate_groups(settings.groups, origin);
        groups_ = std::move(groups.nids);
        note(std::move(groups.problems));
        if (settings.certificate.certificate.empty()) return;
        CredentialResult credential =
            load_credential(settings.certificate, origin, make_buffer_pool(), std::chrono::system_clock::now());
        credential_ = std::move(credential.credential);
        note(std::move(credential.problems));
    }

    ClientContextResult make() && {
        if (has_error(problems_)) return {nullptr, std::move(problems_)};
        bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
        if (!context || !fill(context.get())) {
            problems_.push_back(make_problem(ProblemId::library_failure, origin_, take_reason()));
            return {nullptr, std::move(problems_)};
        }
        return {std::make_shared<const ClientContext>(std::move(context), std::move(credential_)),
                std::move(problems_)};
    }

  private:
    void note(std::vector<Problem> more) {
        problems_.insert(problems_.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }

    // The library knows ranges only: of a set with a gap the newest run counts.
    [[nodiscard]] std::uint16_t oldest_of_newest_run() const {
        std::uint16_t oldest = versions_.newest();
        while (versions_.has(static_cast<std::uint16_t>(oldest - 1))) --oldest;
        return oldest;
    }

    [[nodiscard]] bool fill(SSL_CTX* c) const {
        // Kept by client_sessions.hpp, which knows for whom they are.
        SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(c, &ClientChannel::keep_session);
        // A resumed session would skip our judgement of the certificates.
        SSL_CTX_set_reverify_on_resume(c, 1);
        return SSL_CTX_set_min_proto_version(c, oldest_of_newest_run()) == 1 &&
               SSL_CTX_set_max_proto_version(c, versions_.newest()) == 1 &&
               SSL_CTX_set_strict_cipher_list(c, ciphers_.c_str()) == 1 &&
               SSL_CTX_set1_curves(c, groups_.data(), groups_.size()) == 1 &&
               SSL_CTX_set_verify_algorithm_prefs(c, kVerifiedSignatures.data(), kVerifiedSignatures.size()) == 1 &&
               (!credential_ ||
                SSL_CTX_set_chain_and_key(c, credential_->chain_view.data(), credential_->chain_view.size(),
                                          credential_->key.get(), nullptr) == 1);
    }

    Origin origin_;
    std::vector<Problem> problems_;
    VersionSet versions_;
    std::string ciphers_;
    std::vector<int> groups_;
    std::shared_ptr<const Credential> credential_;
};

}  // namespace

ClientContextResult make_client_context(const ClientSettings& settings, const Origin& origin) {
    ClientContextResult result = Maker(settings, origin).make();
    ERR_clear_error();
    return result;
}

}  // namespace sluice::tls
