#include "engine/tls/server_snapshot.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <map>
#include <utility>

#include "engine/tls/cipher_list.hpp"
#include "engine/tls/groups.hpp"
#include "engine/tls/library_error.hpp"
#include "engine/tls/server_context.hpp"
#include "engine/tls/server_snapshot_impl.hpp"
#include "engine/tls/ticket_keys.hpp"

namespace sluice::tls {

namespace {

void append(std::vector<Problem>& all, std::vector<Problem> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// An EC key is the cheapest to sign with; RSA is what every client can verify.
int preference(const Credential& credential) { return static_cast<int>(credential.type); }

class Loader {
  public:
    Loader(const RootSettings& root, std::shared_ptr<TicketKeys> tickets, std::chrono::system_clock::time_point now)
        : now_(now), impl_(std::make_unique<ServerSnapshot::Impl>()) {
        impl_->root = root;
        impl_->tickets = std::move(tickets);
    }

    void load_root() {
        const RootSettings& root = impl_->root;
        impl_->versions = versions(root.protocol_version, root.origin);
        const bool both = root.ciphers != "DEFAULT" && !root.cipher_suite.empty();
        impl_->ciphers = ciphers(root.cipher_suite.empty() || both ? std::optional(root.ciphers) : std::nullopt,
                                 root.cipher_suite, impl_->versions, root.origin);
        impl_->groups = groups(root.groups, root.origin);
        for (const std::string& name : root.alpn) {
            if (name.empty() || name.size() > 255) problem(ProblemId::alpn_malformed, root.origin, "\"" + name + "\"");
        }
    }

    void load_domain(const DomainSettings& settings) {
        if (settings.certificates.empty()) return;
        ServedDomain domain;
        domain.name = normalised_name(settings.domain);
        if (!settings.protocol_version.empty()) domain.versions = versions(settings.protocol_version, settings.origin);
        if (settings.ciphers || !settings.cipher_suite.empty()) {
            domain.ciphers = ciphers(settings.ciphers, settings.cipher_suite, domain.versions.value_or(impl_->versions),
                                     settings.origin);
        }
        if (!settings.groups.empty()) domain.groups = groups(settings.groups, settings.origin);
        if (settings.peers.sets_anything()) domain.peers = std::make_unique<const PeerScope>(settings.peers);
        load_certificates(settings, domain);
        if (settings.is_default) impl_->default_domain = impl_->domains.size();
        add_names(settings, domain);
        impl_->domains.push_back(std::move(domain));
    }

    void check_defaults(const std::vector<DomainSettings>& domains) {
        const DomainSettings* first = nullptr;
        for (const DomainSettings& domain : domains) {
            if (!domain.is_default) continue;
            if (first != nullptr) {
                problem(ProblemId::two_defaults, domain.origin, first->domain, first->origin.file, domain.domain,
                        domain.origin.file);
            }
            first = &domain;
        }
    }

    void build_names() {
        NameTable::Built built = NameTable::build(names_);
        append(problems_, std::move(built.problems));
        impl_->names = std::move(built.table);
    }

    // Every domain can be asked for on every listener. Domains that set nothing come to what root and listeners do.
    void load_peer_policies() {
        load_peer_policies_of(nullptr);
        for (const ServedDomain& domain : impl_->domains) {
            if (domain.peers) load_peer_policies_of(domain.peers.get());
        }
    }

    std::pair<std::unique_ptr<ServerSnapshot::Impl>, std::vector<Problem>> finish() {
        if (!has_error(problems_)) {
            impl_->context = make_server_context(*impl_);
            if (!impl_->context) problem(ProblemId::library_failure, impl_->root.origin, take_reason());
        }
        ERR_clear_error();
        if (has_error(problems_)) impl_.reset();
        return {std::move(impl_), std::move(problems_)};
    }

  private:
    void load_peer_policies_of(const PeerScope* domain) {
        const PeerScope* const root = &impl_->root.peers;
        impl_->peer_policies.load({domain, root}, root, problems_);
        for (const auto& [id, listener] : impl_->root.listener_peers) {
            impl_->peer_policies.load({domain, &listener, root}, &listener, problems_);
        }
    }

    VersionSet versions(const std::vector<std::string>& items, const Origin& origin) {
        VersionSetResult result = translate_versions(items, origin);
        append(problems_, std::move(result.problems));
        return result.versions;
    }

    std::vector<int> groups(const std::vector<std::string>& names, const Origin& origin) {
        GroupListResult result = translate_groups(names, origin);
        append(problems_, std::move(result.problems));
        return std::move(result.nids);
    }

    std::shared_ptr<const CipherPolicy> ciphers(const std::optional<std::string>& list,
                                                const std::vector<std::string>& suite, VersionSet versions,
                                                const Origin& origin) {
        if (list && !suite.empty()) problem(ProblemId::cipher_both_keys, origin);
        CipherListResult result =
            suite.empty() ? translate_ciphers(*list, origin) : translate_cipher_suite(suite, origin);
        // Where only TLS 1.3 is spoken, a list that names no older cipher is complete.
        if (!versions.empty() && versions.oldest() >= VersionSet::kNewest && has_error(result.problems)) {
            std::erase_if(result.problems, [](const Problem& each) { return each.code == "T0141"; });
            if (!has_error(result.problems)) result.strict = translate_ciphers("DEFAULT", origin).strict;
        }
        append(problems_, std::move(result.problems));
        auto& policy = cipher_policies_[result.strict];
        if (!policy) policy = make_cipher_policy(result.strict);
        return policy;
    }

    void load_certificates(const DomainSettings& settings, ServedDomain& domain) {
        for (const CertificatePair& files : settings.certificates) {
            std::shared_ptr<const Credential> credential = credential_of(files, settings.origin);
            if (!credential) continue;
            const auto same = std::find_if(domain.credentials.begin(), domain.credentials.end(),
                                           [&](const auto& other) { return other->type == credential->type; });
            if (same != domain.credentials.end()) {
                problem(ProblemId::key_type_twice, settings.origin, domain.name, credential->info.key_type,
                        (*same)->info.certificate, files.certificate);
                continue;
            }
            CertificateInfo info = credential->info;
            info.domain = domain.name;
            check_coverage(settings, info);
            impl_->certificates.push_back(std::move(info));
            domain.credentials.push_back(std::move(credential));
        }
        std::sort(domain.credentials.begin(), domain.credentials.end(),
                  [](const auto& a, const auto& b) { return preference(*a) < preference(*b); });
        if (domain.credentials.size() != 1) return;
        const Credential& only = *domain.credentials[0];
        if (only.type == KeyType::ed25519 || only.type == KeyType::ec_p521) {
            problem(ProblemId::rarely_verifiable, settings.origin, domain.name, only.info.key_type);
        }
    }

    // Several domains may use one pair of files: read it once, tell its problems at the first place only.
    std::shared_ptr<const Credential> credential_of(const CertificatePair& files, const Origin& origin) {
        const auto [place, fresh] = credentials_.try_emplace({files.certificate, files.private_key});
        if (fresh) {
            CredentialResult result = load_credential(files, origin, pool_, now_);
            append(problems_, std::move(result.problems));
            place->second = std::move(result.credential);
        }
        return place->second;
    }

    void check_coverage(const DomainSettings& settings, const CertificateInfo& info) {
        std::vector<std::string> served = settings.server_names;
        if (settings.domain != "default") served.insert(served.begin(), settings.domain);
        if (served.empty()) return;
        std::string listed;
        for (const std::string& each : served) {
            const std::string wanted = normalised_name(each);
            for (const std::string& written : info.names) {
                const std::string name = normalised_name(written);
                if (wanted == name || covers(name, wanted) || covers(wanted, name)) return;
                if (wanted.starts_with('.') && (name == wanted.substr(1) || name.ends_with(wanted))) return;
            }
            listed += listed.empty() ? each : ", " + each;
        }
        problem(ProblemId::names_not_covered, settings.origin, info.certificate, info.domain, listed);
    }

    void add_names(const DomainSettings& settings, const ServedDomain& domain) {
        NameTable::Domain names{domain.name, settings.server_names, {}, settings.origin};
        for (const auto& credential : domain.credentials) {
            if (!impl_->root.match_certificate_names) break;
            for (const std::string& name : credential->info.names) {
                names.certificate_names.push_back({name, credential->info.fingerprint});
            }
        }
        names_.push_back(std::move(names));
    }

    template <typename... Arguments>
    void problem(ProblemId id, const Origin& origin, const Arguments&... arguments) {
        problems_.push_back(make_problem(id, origin, arguments...));
    }

    std::chrono::system_clock::time_point now_;
    std::unique_ptr<ServerSnapshot::Impl> impl_;
    BufferPool pool_ = make_buffer_pool();
    std::vector<Problem> problems_;
    std::vector<NameTable::Domain> names_;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<const Credential>> credentials_;
    std::map<std::string, std::shared_ptr<const CipherPolicy>> cipher_policies_;
};

}  // namespace

std::shared_ptr<const CipherPolicy> make_cipher_policy(const std::string& strict) {
    auto policy = std::make_shared<CipherPolicy>();
    policy->strict = strict;
    for (const CipherFacts& cipher : expand_cipher_list(strict)) {
        if (cipher.ecdsa) policy->ecdsa_suites.push_back(cipher.id);
    }
    std::sort(policy->ecdsa_suites.begin(), policy->ecdsa_suites.end());
    return policy;
}

std::shared_ptr<TicketKeys> make_ticket_keys(std::chrono::seconds rotation) {
    return std::make_shared<TicketKeys>(rotation);
}

ServerSnapshot::ServerSnapshot(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ServerSnapshot::~ServerSnapshot() = default;

ServerSnapshot::Loaded ServerSnapshot::load(const RootSettings& root, const std::vector<DomainSettings>& domains,
                                            std::shared_ptr<TicketKeys> tickets,
                                            std::chrono::system_clock::time_point now) {
    Loader loader(root, std::move(tickets), now);
    loader.load_root();
    loader.check_defaults(domains);
    for (const DomainSettings& domain : domains) loader.load_domain(domain);
    loader.build_names();
    loader.load_peer_policies();
    auto [impl, problems] = loader.finish();
    Loaded loaded{nullptr, std::move(problems)};
    if (impl) loaded.snapshot.reset(new ServerSnapshot(std::move(impl)));
    return loaded;
}

bool ServerSnapshot::empty() const noexcept { return impl_->domains.empty(); }
bool ServerSnapshot::has_default() const noexcept { return impl_->default_domain.has_value(); }
const std::vector<CertificateInfo>& ServerSnapshot::certificates() const noexcept { return impl_->certificates; }

std::optional<std::string> ServerSnapshot::domain_for(std::string_view sni) const {
    const auto match = impl_->names.find(sni);
    if (!match) return std::nullopt;
    return impl_->domains[match->domain].name;
}

}  // namespace sluice::tls
