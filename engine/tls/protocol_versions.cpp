#include "engine/tls/protocol_versions.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace sluice::tls {

namespace {

struct Spelling {
    std::string_view text;  // lower case
    std::uint16_t version;
};

constexpr std::uint16_t kSslv2 = 0x0002;
constexpr std::uint16_t kSslv3 = 0x0300;

constexpr std::array kSpellings = {
    Spelling{"tlsv1.0", 0x0301}, Spelling{"tlsv1_0", 0x0301}, Spelling{"tlsv1", 0x0301},   Spelling{"0x0301", 0x0301},
    Spelling{"tlsv1.1", 0x0302}, Spelling{"tlsv1_1", 0x0302}, Spelling{"0x0302", 0x0302},  Spelling{"tlsv1.2", 0x0303},
    Spelling{"tlsv1_2", 0x0303}, Spelling{"0x0303", 0x0303},  Spelling{"tlsv1.3", 0x0304}, Spelling{"tlsv1_3", 0x0304},
    Spelling{"0x0304", 0x0304},  Spelling{"sslv3", kSslv3},   Spelling{"0x0300", kSslv3},  Spelling{"sslv2", kSslv2},
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::optional<std::uint16_t> parse(std::string_view text) {
    const std::string wanted = lower(text);
    for (const Spelling& spelling : kSpellings) {
        if (spelling.text == wanted) return spelling.version;
    }
    return std::nullopt;
}

bool is_expression(std::string_view item) {
    return item.find_first_of("+-!:") != std::string_view::npos || item.starts_with(">=") || lower(item) == "all";
}

class Translator {
  public:
    explicit Translator(const Origin& origin) : origin_(origin) {}

    void add_name(std::string_view name) {
        const auto version = parse(name);
        if (!version) {
            problem(ProblemId::version_unknown, name);
        } else if (*version <= kSslv3) {
            problem(ProblemId::version_sslv3, name);
        } else {
            result_.versions.add(*version);
        }
    }

    void at_least(std::string_view name) {
        const auto first = parse(name);
        if (!first) return problem(ProblemId::version_unknown, name);
        if (*first <= kSslv3) return problem(ProblemId::version_sslv3, name);
        for (std::uint16_t version = *first; version <= VersionSet::kNewest; ++version) result_.versions.add(version);
    }

    // "+ALL:-SSLv3:-TLSv1.0"
    void expression(std::string_view text) {
        if (text.starts_with('-') || text.starts_with('!')) result_.versions = VersionSet::tls12_and_tls13();
        while (!text.empty()) {
            const std::size_t colon = text.find(':');
            token(text.substr(0, colon));
            text = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
        }
    }

    VersionSetResult finish() {
        if (!has_error(result_.problems) && result_.versions.empty()) problem(ProblemId::version_list_empty);
        for (std::uint16_t version = 0x0301; version < 0x0303; ++version) {
            if (result_.versions.has(version)) problem(ProblemId::version_old, version_name(version));
        }
        if (has_error(result_.problems)) result_.versions = VersionSet();
        return std::move(result_);
    }

    template <typename... Arguments>
    void problem(ProblemId id, const Arguments&... arguments) {
        result_.problems.push_back(make_problem(id, origin_, arguments...));
    }

  private:
    void token(std::string_view text) {
        const bool removes = text.starts_with('-') || text.starts_with('!');
        const std::string_view name = removes || text.starts_with('+') ? text.substr(1) : text;
        if (lower(name) == "all") {
            if (removes) {
                result_.versions = VersionSet();
                return;
            }
            problem(ProblemId::version_all);
            result_.versions.add(0x0303);
            result_.versions.add(0x0304);
            return;
        }
        if (!removes) return add_name(name);
        const auto version = parse(name);
        if (!version) return problem(ProblemId::version_unknown, name);
        result_.versions.remove(*version);  // SSLv2 and SSLv3 are never there: nothing to do
    }

    Origin origin_;
    VersionSetResult result_;
};

}  // namespace

VersionSet VersionSet::tls12_and_tls13() noexcept {
    VersionSet set;
    set.add(0x0303);
    set.add(0x0304);
    return set;
}

bool VersionSet::has(std::uint16_t version) const noexcept {
    return version >= kOldest && version <= kNewest && (bits_ >> (version - kOldest) & 1u) != 0;
}

void VersionSet::add(std::uint16_t version) noexcept {
    if (version >= kOldest && version <= kNewest) bits_ = static_cast<std::uint8_t>(bits_ | 1u << (version - kOldest));
}

void VersionSet::remove(std::uint16_t version) noexcept {
    if (version >= kOldest && version <= kNewest)
        bits_ = static_cast<std::uint8_t>(bits_ & ~(1u << (version - kOldest)));
}

std::uint16_t VersionSet::oldest() const noexcept {
    std::uint16_t version = kOldest;
    while (version < kNewest && !has(version)) ++version;
    return version;
}

std::uint16_t VersionSet::newest() const noexcept {
    std::uint16_t version = kNewest;
    while (version > kOldest && !has(version)) --version;
    return version;
}

const char* version_name(std::uint16_t version) noexcept {
    constexpr std::array kNames = {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    if (version < VersionSet::kOldest || version > VersionSet::kNewest) return "unknown";
    return kNames[version - VersionSet::kOldest];
}

VersionSetResult translate_versions(const std::vector<std::string>& items, const Origin& origin) {
    Translator translator(origin);
    if (items.size() == 1 && is_expression(items[0])) {
        if (items[0].starts_with(">=")) {
            translator.at_least(std::string_view(items[0]).substr(2));
        } else {
            translator.expression(items[0]);
        }
        return translator.finish();
    }
    for (const std::string& item : items) {
        if (is_expression(item)) {
            translator.problem(ProblemId::version_mixed, item);
        } else {
            translator.add_name(item);
        }
    }
    return translator.finish();
}

}  // namespace sluice::tls
