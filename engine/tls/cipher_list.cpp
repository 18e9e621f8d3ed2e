#include "engine/tls/cipher_list.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>

#include "engine/tls/library_error.hpp"

namespace sluice::tls {

namespace {

constexpr std::string_view kDefault = "ALL:-aPSK:-3DES";
constexpr std::string_view kStrong = "ECDHE+AESGCM:ECDHE+CHACHA20:-aPSK";

// Words of OpenSSL for what this library never had: removing them removes nothing, adding them adds nothing.
constexpr std::array<std::string_view, 50> kAbsent = {
    "LOW",         "EXP",      "EXPORT",  "EXPORT40", "EXPORT56",
    "MEDIUM",      "aNULL",    "eNULL",   "NULL",     "COMPLEMENTOFALL",
    "MD5",         "RC4",      "RC2",     "DES",      "SEED",
    "IDEA",        "CAMELLIA", "ARIA",    "DSS",      "aDSS",
    "ADH",         "AECDH",    "SSLv2",   "DH",       "EDH",
    "DHE",         "kDHE",     "kEDH",    "kDH",      "aDH",
    "aECDH",       "kECDH",    "SRP",     "kSRP",     "aSRP",
    "GOST",        "kGOST",    "aGOST",   "GOST94",   "GOST89MAC",
    "SHA256",      "SHA384",   "AESCCM",  "AESCCM8",  "CAMELLIA128",
    "CAMELLIA256", "ARIA128",  "ARIA256", "aGOST01",  "KRB5"};

constexpr std::array<std::string_view, 3> kTls13 = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                                    "TLS_CHACHA20_POLY1305_SHA256"};

bool is_absent(std::string_view word) { return std::find(kAbsent.begin(), kAbsent.end(), word) != kAbsent.end(); }

bool is_tls13(std::string_view word) {
    return std::find(kTls13.begin(), kTls13.end(), word) != kTls13.end() || word.starts_with("TLS_AES_");
}

bool is_refused_command(std::string_view word) {
    return (word.starts_with('@') && word != "@STRENGTH") || word.starts_with("PROFILE=") ||
           word.starts_with("SUITEB") || word == "COMPLEMENTOFDEFAULT";
}

bool is_gnutls(std::string_view list) {
    if (list.find("VERS-") != std::string_view::npos) return true;
    const std::string_view first = list.substr(0, list.find_first_of(":, ;"));
    return first == "NORMAL" || first.starts_with("SECURE") || first == "PERFORMANCE" || first == "PFS" ||
           first == "LEGACY" || first == "NONE" || first == "SYSTEM" || first.starts_with("@SYSTEM");
}

bssl::UniquePtr<SSL_CTX> scratch_with(const std::string& list) {
    bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
    if (context && SSL_CTX_set_strict_cipher_list(context.get(), list.c_str()) != 1) context.reset();
    return context;
}

bool matches_something(std::string_view word) {
    const bool matches = scratch_with(std::string(word)) != nullptr;
    (void)take_library_error();
    return matches;
}

std::string normalised_separators(std::string_view list) {
    std::string out;
    for (const char c : list) {
        const bool separator = c == ':' || c == ',' || c == ' ' || c == ';';
        if (!separator) {
            out += c;
        } else if (!out.empty() && out.back() != ':') {
            out += ':';
        }
    }
    if (out.ends_with(':')) out.pop_back();
    return out;
}

class Translator {
  public:
    explicit Translator(const Origin& origin) : origin_(origin) {}

    void word(std::string_view text) {
        const bool first = first_;
        first_ = false;
        if (text == "DEFAULT") return first ? add(kDefault) : problem(ProblemId::cipher_default_place);
        if (text == "STRONG") return add(kStrong);
        if (text == "HIGH") return add(kDefault);
        if (text == "@STRENGTH") return add(text);
        if (is_refused_command(text)) return problem(ProblemId::cipher_command, text);
        if (text.starts_with('[')) return group(text);
        const bool removes = text.starts_with('!') || text.starts_with('-');
        const std::string_view selector = removes || text.starts_with('+') ? text.substr(1) : text;
        if (selector == "DEFAULT") return problem(ProblemId::cipher_default_place);
        if (is_tls13(selector)) return problem(ProblemId::cipher_tls13, selector);
        if (removes && is_absent(selector)) return;
        if (is_absent(selector) || !matches_something(selector)) return drop(text);
        add(text);
    }

    // Names of `cipher_suite`: TLS 1.3 names are counted, not refused here.
    void suite(std::string_view text) {
        std::string name(text);
        if (name.starts_with("TLS13_")) name.replace(0, 6, "TLS_");
        if (!is_known_suite(name) && is_known_suite("TLS_" + name)) name.insert(0, "TLS_");
        if (is_tls13(name)) {
            if (std::find(tls13_.begin(), tls13_.end(), name) == tls13_.end()) tls13_.push_back(name);
            return;
        }
        if (!matches_something(name)) return drop(text);
        add(name);
    }

    CipherListResult finish(std::string_view input) {
        if (!tls13_.empty() && tls13_.size() != kTls13.size()) problem(ProblemId::cipher_tls13_partial);
        if (!has_error(result_.problems)) check_strict(input);
        if (has_error(result_.problems)) result_.strict.clear();
        return std::move(result_);
    }

    template <typename... Arguments>
    void problem(ProblemId id, const Arguments&... arguments) {
        result_.problems.push_back(make_problem(id, origin_, arguments...));
    }

  private:
    static bool is_known_suite(const std::string& name) { return is_tls13(name) || matches_something(name); }

    // "[A|B]": ciphers of equal preference. Members that match nothing are dropped one by one.
    void group(std::string_view text) {
        if (!text.ends_with(']')) return problem(ProblemId::cipher_syntax, text, "missing ]");
        std::string_view members = text.substr(1, text.size() - 2);
        std::string kept;
        while (!members.empty()) {
            const std::size_t bar = members.find('|');
            const std::string_view member = members.substr(0, bar);
            members = bar == std::string_view::npos ? std::string_view() : members.substr(bar + 1);
            if (is_tls13(member)) {
                problem(ProblemId::cipher_tls13, member);
            } else if (is_absent(member) || !matches_something(member)) {
                drop(member);
            } else {
                kept += kept.empty() ? "" : "|";
                kept += member;
            }
        }
        if (!kept.empty()) add("[" + kept + "]");
    }

    void add(std::string_view text) {
        if (!result_.strict.empty()) result_.strict += ':';
        result_.strict += text;
    }

    void drop(std::string_view text) {
        problem(ProblemId::cipher_no_match, text);
        if (!dropped_.empty()) dropped_ += ' ';
        dropped_ += text;
    }

    void check_strict(std::string_view input) {
        const std::string dropped = dropped_.empty() ? "nothing" : dropped_;
        if (result_.strict.empty()) return problem(ProblemId::cipher_list_empty, input, dropped);
        const bool accepted = scratch_with(result_.strict) != nullptr;
        const std::string reason = take_reason();
        if (accepted) return;
        if (reason == "NO_CIPHER_MATCH") return problem(ProblemId::cipher_list_empty, input, dropped);
        problem(ProblemId::cipher_syntax, input, reason);
    }

    Origin origin_;
    CipherListResult result_;
    std::string dropped_;
    std::vector<std::string> tls13_;
    bool first_ = true;
};

}  // namespace

CipherListResult translate_ciphers(std::string_view list, const Origin& origin) {
    Translator translator(origin);
    if (is_gnutls(list)) {
        translator.problem(ProblemId::cipher_gnutls, list);
        return translator.finish(list);
    }
    const std::string normalised = normalised_separators(list);
    for (std::string_view rest = normalised; !rest.empty();) {
        const std::size_t colon = rest.find(':');
        translator.word(rest.substr(0, colon));
        rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    }
    return translator.finish(list);
}

CipherListResult translate_cipher_suite(const std::vector<std::string>& names, const Origin& origin) {
    Translator translator(origin);
    std::string input;
    for (const std::string& name : names) {
        translator.suite(name);
        input += input.empty() ? name : ", " + name;
    }
    return translator.finish(input);
}

std::vector<CipherFacts> expand_cipher_list(const std::string& strict) {
    std::vector<CipherFacts> facts;
    const bssl::UniquePtr<SSL_CTX> context = scratch_with(strict);
    (void)take_library_error();
    if (!context) return facts;
    for (const SSL_CIPHER* cipher : SSL_CTX_get_ciphers(context.get())) {
        CipherFacts fact;
        fact.name = SSL_CIPHER_get_name(cipher);
        fact.iana_name = SSL_CIPHER_standard_name(cipher);
        fact.id = SSL_CIPHER_get_protocol_id(cipher);
        fact.bits = SSL_CIPHER_get_bits(cipher, nullptr);
        fact.key_exchange = SSL_CIPHER_get_kx_name(cipher);
        fact.ecdsa = SSL_CIPHER_get_auth_nid(cipher) == NID_auth_ecdsa;
        facts.push_back(std::move(fact));
    }
    return facts;
}

}  // namespace sluice::tls
