#include "engine/sasl/exchange.hpp"

#include "engine/base/limits.hpp"
#include "engine/sasl/dialogue.hpp"
#include "engine/sasl/prepare.hpp"

namespace sluice::sasl {
namespace {

std::unique_ptr<Exchange::Dialogue> make_dialogue(Mechanism mechanism, const ExchangeContext& context) {
    switch (mechanism) {
        case Mechanism::plain: return make_plain();
        case Mechanism::login: return make_login();
        case Mechanism::anonymous: return make_anonymous();
        case Mechanism::external: return make_external(context);
        case Mechanism::cram_md5: return make_cram_md5(context);
        case Mechanism::scram_sha_1:
        case Mechanism::scram_sha_256:
        case Mechanism::scram_sha_1_plus:
        case Mechanism::scram_sha_256_plus: return make_scram(mechanism, context);
    }
    return nullptr;
}

}  // namespace

bool same_identity(std::string_view authzid, std::string_view authid) {
    if (authzid.empty() || authzid == authid) return true;
    const auto prepared = prepare_name(authzid, Use::query);
    return prepared && *prepared == authid;
}

Exchange::Exchange(Mechanism mechanism, ExchangeContext context)
    : context_(std::make_unique<ExchangeContext>(std::move(context))), dialogue_(make_dialogue(mechanism, *context_)) {
    credentials_.mechanism = mechanism;
}

Exchange::~Exchange() = default;
Exchange::Exchange(Exchange&&) noexcept = default;
Exchange& Exchange::operator=(Exchange&&) noexcept = default;

Step Exchange::start(std::optional<std::string_view> initial_response) {
    if (state_ != State::fresh) return fail(FailureKind::internal, "the exchange has begun already");
    state_ = State::over;
    if (!dialogue_) return fail(FailureKind::internal, "what the mechanism needs is not there");
    if (auto first = dialogue_->open()) {
        if (initial_response) return fail(FailureKind::must_not_start, "the server speaks first");
        if (first->kind == StepKind::challenge) state_ = State::running;
        return std::move(*first);
    }
    state_ = State::running;
    return initial_response ? advance(*initial_response) : challenge({});
}

Step Exchange::step(std::string_view response) {
    if (state_ != State::running) return fail(FailureKind::internal, "the exchange is over");
    return advance(response);
}

Step Exchange::advance(std::string_view response) {
    Step result = response.size() > limits::sasl_message ? fail(FailureKind::malformed, "the message is too long")
                                                         : dialogue_->step(response, credentials_);
    if (result.kind == StepKind::challenge) return result;
    state_ = State::over;
    dialogue_.reset();
    if (result.kind == StepKind::failure) credentials_ = {.mechanism = credentials_.mechanism};
    return result;
}

}  // namespace sluice::sasl
