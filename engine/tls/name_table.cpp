#include "engine/tls/name_table.hpp"

#include <algorithm>

namespace sluice::tls {

namespace {

constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestLabel = 63;

bool is_name_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

}  // namespace

std::string normalised_name(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    std::string out(name);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool is_sni_name(std::string_view name) {
    if (name.empty() || name.size() > kLongestName) return false;
    bool last_is_number = false;
    while (true) {
        const std::size_t dot = name.find('.');
        const std::string_view label = name.substr(0, dot);
        if (label.empty() || label.size() > kLongestLabel) return false;
        if (!std::all_of(label.begin(), label.end(), is_name_character)) return false;
        last_is_number = std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (dot == std::string_view::npos) break;
        name.remove_prefix(dot + 1);
    }
    return !last_is_number;  // no top-level domain is a number, every IPv4 literal ends in one
}

bool covers(std::string_view pattern, std::string_view name) {
    if (!pattern.starts_with("*.")) return pattern == name;
    const std::size_t dot = name.find('.');
    return dot != std::string_view::npos && dot > 0 && name.substr(dot + 1) == pattern.substr(2);
}

class NameTable::Builder {
  public:
    explicit Builder(const std::vector<Domain>& domains) : domains_(domains) {}

    Built build() {
        // All names from the configuration first: they settle what certificates of several domains leave open.
        for (std::size_t i = 0; i < domains_.size(); ++i) configured_names(i);
        for (std::size_t i = 0; i < domains_.size(); ++i) certificate_names(i);
        return std::move(built_);
    }

  private:
    void configured_names(std::size_t index) {
        const Domain& domain = domains_[index];
        const std::string own = normalised_name(domain.domain);
        if (own != "default") claim_checked(1, own, own, index);
        for (const std::string& written : domain.server_names) {
            const std::string name = normalised_name(written);
            if (name.starts_with("*.")) {
                claim_checked(4, name.substr(2), written, index);
            } else if (name.starts_with('.')) {
                claim_checked(6, name.substr(1), written, index);
            } else {
                claim_checked(2, name, written, index);
            }
        }
    }

    void claim_checked(int step, const std::string& key, const std::string& written, std::size_t index) {
        if (!is_sni_name(key)) {
            problem(ProblemId::served_name_malformed, domains_[index].origin, written);
            return;
        }
        claim(step, key, written, {index, {}});
    }

    void certificate_names(std::size_t index) {
        for (const CertificateName& certificate : domains_[index].certificate_names) {
            const std::string name = normalised_name(certificate.name);
            const bool wildcard = name.starts_with("*.");
            const std::string key = wildcard ? name.substr(2) : name;
            if (!is_sni_name(key)) continue;  // a certificate may hold names that are of no use here
            const bool settled = wildcard ? at(4, key) != nullptr : at(1, key) != nullptr || at(2, key) != nullptr;
            if (!settled) claim(wildcard ? 5 : 3, key, name, {index, certificate.fingerprint});
        }
    }

    [[nodiscard]] const Claim* at(int step, const std::string& key) const { return built_.table.at(step, key); }

    void claim(int step, const std::string& key, const std::string& written, Claim claim) {
        Claims& claims = built_.table.steps_[static_cast<std::size_t>(step - 1)];
        const auto [place, fresh] = claims.try_emplace(key, claim);
        const Claim& holder = place->second;
        if (fresh || holder.domain == claim.domain) {
            // Step 1 twice by one index cannot be; a repeated server_names entry is harmless.
            return;
        }
        if (!claim.fingerprint.empty() && holder.fingerprint == claim.fingerprint) return;
        const Domain& first = domains_[holder.domain];
        const Domain& second = domains_[claim.domain];
        problem(ProblemId::name_claimed_twice, second.origin, written, first.domain, first.origin.file, second.domain,
                second.origin.file);
    }

    template <typename... Arguments>
    void problem(ProblemId id, const Origin& origin, const Arguments&... arguments) {
        built_.problems.push_back(make_problem(id, origin, arguments...));
    }

    const std::vector<Domain>& domains_;
    Built built_;
};

NameTable::Built NameTable::build(const std::vector<Domain>& domains) { return Builder(domains).build(); }

const NameTable::Claim* NameTable::at(int step, std::string_view name) const {
    const Claims& claims = steps_[static_cast<std::size_t>(step - 1)];
    const auto found = claims.find(name);
    return found == claims.end() ? nullptr : &found->second;
}

std::optional<NameTable::Match> NameTable::find(std::string_view sni) const {
    const std::string name = normalised_name(sni);
    if (!is_sni_name(name)) return std::nullopt;
    for (const int step : {1, 2, 3}) {
        if (const Claim* claim = at(step, name)) return Match{claim->domain, step};
    }
    const std::size_t dot = name.find('.');
    if (dot != std::string::npos) {
        for (const int step : {4, 5}) {
            if (const Claim* claim = at(step, std::string_view(name).substr(dot + 1)))
                return Match{claim->domain, step};
        }
    }
    for (std::string_view suffix = name;;) {
        if (const Claim* claim = at(6, suffix)) return Match{claim->domain, 6};
        const std::size_t next = suffix.find('.');
        if (next == std::string_view::npos) return std::nullopt;
        suffix.remove_prefix(next + 1);
    }
}

}  // namespace sluice::tls
