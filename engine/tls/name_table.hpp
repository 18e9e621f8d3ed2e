// SNI name -> domain, by the steps of tls.md 2.4. Pure and immutable after build(); the server snapshot owns one.
//   1 directory name   2 exact server_names   3 exact certificate name
//   4 "*.x" of server_names, one label   5 wildcard of a certificate, one label
//   6 ".x" of server_names: x and everything below, longest x first
// Two domains claiming one name at the same step is an error. Exception (steps 3 and 5): domains that share one
// certificate file, or a name that steps 1 and 2 settle anyway, are the normal case of a certificate for several
// domains; there the first domain in the given order serves the name, with the same certificate either way.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/tls/problems.hpp"

namespace sluice::tls {

// Lower case, one trailing dot removed.
[[nodiscard]] std::string normalised_name(std::string_view name);

// A host name that can be asked for by SNI: labels of letters, digits, "-" and "_", no IP literal. Takes normalised
// names.
[[nodiscard]] bool is_sni_name(std::string_view name);

// "*.x" covers exactly one label more than x; otherwise equality. Both normalised.
[[nodiscard]] bool covers(std::string_view pattern, std::string_view name);

class NameTable {
  public:
    struct CertificateName {
        std::string name;         // "a.x" or "*.x"
        std::string fingerprint;  // of the certificate that has it
    };
    struct Domain {
        std::string domain;
        std::vector<std::string> server_names;
        std::vector<CertificateName> certificate_names;  // leave empty where match_certificate_names is off
        Origin origin;
    };
    struct Match {
        std::size_t domain = 0;  // index in the vector given to build()
        int step = 0;            // 1 to 6
        [[nodiscard]] bool operator==(const Match&) const = default;
    };
    struct Built;

    [[nodiscard]] static Built build(const std::vector<Domain>& domains);

    // Takes any spelling; names that cannot be SNI names are unknown.
    [[nodiscard]] std::optional<Match> find(std::string_view sni) const;

  private:
    struct Claim {
        std::size_t domain = 0;
        std::string fingerprint;  // empty for names from the configuration
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    using Claims = std::unordered_map<std::string, Claim, Hash, std::equal_to<>>;

    class Builder;

    [[nodiscard]] const Claim* at(int step, std::string_view name) const;

    std::array<Claims, 6> steps_;  // steps 4 to 6 are keyed by x
};

struct NameTable::Built {
    NameTable table;
    std::vector<Problem> problems;
};

}  // namespace sluice::tls
