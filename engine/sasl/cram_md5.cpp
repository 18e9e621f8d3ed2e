// CRAM-MD5 (RFC 2195). Not by libgsasl, which needs the password itself; the password file keeps states of HMAC-MD5.
#include <fmt/format.h>

#include <array>
#include <chrono>

#include "engine/base/ids.hpp"
#include "engine/base/limits.hpp"
#include "engine/sasl/dialogue.hpp"
#include "engine/sasl/key_derivation.hpp"
#include "engine/sasl/prepare.hpp"

namespace sluice::sasl {
namespace {

constexpr std::size_t digest_digits = 32;

class CramMd5 : public Exchange::Dialogue {
  public:
    explicit CramMd5(const ExchangeContext& context) : context_(context) {}

    // msg-id of RFC 822: never the same twice, and the client may see nothing else of ours in it.
    std::optional<Step> open() override {
        std::array<std::uint8_t, 16> random;
        random_bytes(random.data(), random.size());
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        challenge_ = fmt::format("<{}.{}@{}>", to_hex({reinterpret_cast<const char*>(random.data()), random.size()}),
                                 std::chrono::duration_cast<std::chrono::seconds>(now).count(), context_.host_name);
        return challenge(challenge_);
    }

    // name SP digest; a name may hold blanks.
    Step step(std::string_view message, Credentials& credentials) override {
        const auto blank = message.rfind(' ');
        if (blank == std::string_view::npos) return fail(FailureKind::malformed, "no blank behind the name");
        const auto digest = message.substr(blank + 1);
        if (digest.size() != digest_digits || digest.find_first_not_of("0123456789abcdef") != std::string_view::npos)
            return fail(FailureKind::malformed, "the digest is not 32 lower-case hexadecimal digits");
        if (blank > limits::sasl_name) return fail(FailureKind::malformed, "the name is too long");
        auto name = prepare_name(message.substr(0, blank), Use::query);
        if (!name) return fail(FailureKind::malformed, "the name is empty or not valid UTF-8 text");
        CramMd5State state = context_.credentials->cram_md5_state(*name);
        const WipeAtEnd wipe_state(state);
        if (!equal_in_constant_time(cram_md5_digest(state, challenge_), digest))
            return fail(FailureKind::rejected, "the digest does not fit");
        credentials.kind = CredentialKind::keys;
        credentials.proven = true;
        credentials.authid = std::move(*name);
        return {.kind = StepKind::success};
    }

  private:
    const ExchangeContext& context_;
    std::string challenge_;
};

}  // namespace

std::unique_ptr<Exchange::Dialogue> make_cram_md5(const ExchangeContext& context) {
    if (!context.credentials) return nullptr;
    return std::make_unique<CramMd5>(context);
}

}  // namespace sluice::sasl
