// The messages of one mechanism, behind Exchange. One factory for each family of mechanisms.
#pragma once

#include <memory>
#include <string_view>

#include "engine/sasl/exchange.hpp"

namespace sluice::sasl {

class Exchange::Dialogue {
  public:
    virtual ~Dialogue() = default;
    // The server's first challenge; no value where the client speaks first.
    [[nodiscard]] virtual std::optional<Step> open() { return std::nullopt; }
    // At most limits::sasl_message bytes. Fills `credentials` on the way.
    [[nodiscard]] virtual Step step(std::string_view message, Credentials& credentials) = 0;
};

inline Step challenge(std::string bytes) { return {.kind = StepKind::challenge, .challenge = std::move(bytes)}; }
inline Step fail(FailureKind kind, std::string_view reason) {
    return {.kind = StepKind::failure, .failure = kind, .reason = reason};
}

// True if authzid is absent or the same identity as authid, which is prepared (prepare.hpp).
[[nodiscard]] bool same_identity(std::string_view authzid, std::string_view authid);

[[nodiscard]] std::unique_ptr<Exchange::Dialogue> make_plain();      // password_dialogues.cpp
[[nodiscard]] std::unique_ptr<Exchange::Dialogue> make_login();      // password_dialogues.cpp
[[nodiscard]] std::unique_ptr<Exchange::Dialogue> make_anonymous();  // identity_dialogues.cpp
// The context outlives the dialogue. Null if the context lacks what the mechanism needs.
[[nodiscard]] std::unique_ptr<Exchange::Dialogue> make_external(const ExchangeContext& context);  // identity_…
[[nodiscard]] std::unique_ptr<Exchange::Dialogue> make_cram_md5(const ExchangeContext& context);  // cram_md5.cpp
[[nodiscard]] std::unique_ptr<Exchange::Dialogue> make_scram(Mechanism mechanism,
                                                             const ExchangeContext& context);  // scram.cpp

}  // namespace sluice::sasl
