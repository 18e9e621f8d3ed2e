// What a peer and its zone can say: a TLSA record and a chain of certificates. Form of the input: four octets, usage,
// selector, matching type and what to demand; then pieces of a length of two octets and so many octets: the data of the
// record, the leaf, the others. Checked: nobody is proved by the CA of this file but the one that it has signed, what
// is proved is acceptable and has no fault, and facts can be shown in one line.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "engine/tls/verify.hpp"
#include "tests/support/temporary_directory.hpp"

namespace {

using namespace sluice::tls;
using TimePoint = std::chrono::system_clock::time_point;

// The root of the seeds: `openssl req -x509 … -subj /CN=fuzz-root -days 36500`.
constexpr std::string_view kRoot = R"(-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUZPl5yqe+kLARdit0VS/D5hJ6UMMwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJZnV6ei1yb290MCAXDTI2MTEyMjIxMDgzNVoYDzIxMjYxMDI5
MjEwODM1WjAUMRIwEAYDVQQDDAlmdXp6LXJvb3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQlHS8/C0oi1DeEU6Df4tJl7SG3b3Qj5Se4ZxRcLRC7icO6JrtWnsE5
cg0rrZLImoL0kesbpnolqQIaST9kO96vo1MwUTAdBgNVHQ4EFgQUvOwyarMbmP0i
YXIiw0MqzqRylHgwHwYDVR0jBBgwFoAUvOwyarMbmP0iYXIiw0MqzqRylHgwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAiUlKKhU1DQWhSfL965cb
/jNCprcKkxmjJbidTxpjRzcCIA2NhPZvP7SQhFkqytq4LiXCasxIOBd/q5BZq+0w
5lfx
-----END CERTIFICATE-----
)";
constexpr std::string_view kLeafKey = "1fc770b969456e0ca6463801d92197a57f43f75e2a80613de35026dcbac24347";
const TimePoint kNow{std::chrono::seconds(1'800'000'000)};

void require(bool condition) {
    if (!condition) std::abort();
}

std::shared_ptr<const TrustStore> trusted() {
    const sluice::test::TemporaryDirectory directory;
    const std::string path = (directory / "root.pem").string();
    std::ofstream(path) << kRoot;
    return TrustStore::load(path, {}, {}).store;
}

std::string take_piece(std::string_view& rest) {
    if (rest.size() < 2) return {};
    const std::size_t size = static_cast<unsigned char>(rest[0]) * 256u + static_cast<unsigned char>(rest[1]);
    rest.remove_prefix(2);
    const std::string piece(rest.substr(0, size));
    rest.remove_prefix(piece.size());
    return piece;
}

bool one_line(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    }
    return true;
}

void check_facts(const CertificateInfo& info) {
    require(info.fingerprint.size() == 64 && info.spki_fingerprint.size() == 64);
    require(one_line(info.subject) && one_line(info.issuer) && one_line(info.subject_cn) && one_line(info.issuer_cn));
    for (const std::string& san : info.sans) require(one_line(san));
}

void check_judgement(const Judgement& judgement, const Requirement& requirement) {
    require(judgement.verified == (judgement.fault == PeerFault::none));
    require(judgement.verified == judgement.why.empty());
    require(judgement.acceptable || !judgement.verified);
    require(requirement.demand != Demand::nothing || judgement.acceptable);
    require(!to_string(judgement.fault).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::shared_ptr<const TrustStore> trust = trusted();
    require(trust != nullptr);
    if (size < 4) return 0;
    std::string_view rest(reinterpret_cast<const char*>(data) + 4, size - 4);
    const TlsaRecord record{data[0], data[1], data[2], take_piece(rest)};
    PeerChain chain;
    while (!rest.empty() && chain.size() < 8) chain.push_back(take_piece(rest));

    const auto info = describe_leaf(chain, kNow);
    if (info) check_facts(*info);
    Requirement requirement{.trust = trust, .names = {"mx.fuzz.test", ".fuzz.test", "192.0.2.1"}};
    requirement.role = data[3] % 2 == 0 ? PeerRole::server : PeerRole::client;
    requirement.common_name = data[3] % 4 < 2;
    for (const Demand demand : {Demand::nothing, Demand::chain, Demand::host}) {
        requirement.demand = demand;
        const Judgement judgement = judge(chain, requirement, kNow);
        check_judgement(judgement, requirement);
        const bool unreadable = judgement.fault == PeerFault::malformed || judgement.fault == PeerFault::no_certificate;
        require(info || unreadable);
        if (judgement.chain_verified) require(info && info->spki_fingerprint == kLeafKey);
    }
    requirement.demand = Demand::tlsa;
    requirement.tlsa = {record};
    const Judgement judgement = judge(chain, requirement, kNow);
    check_judgement(judgement, requirement);
    require(!judgement.acceptable || is_usable(record));
    return 0;
}
