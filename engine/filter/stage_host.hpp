// What rules see of one session at one stage: the functions of dsl/host/functions.def over the session's facts.
#pragma once

#include "dsl/host/host.hpp"
#include "engine/obs/log.hpp"
#include "engine/smtp/rules.hpp"

namespace sluice::filter {

class StageHost final : public dsl::Host {
  public:
    StageHost(smtp::Stage stage, smtp::SessionFacts& session, smtp::Transaction* transaction, obs::Log& log)
        : Host(static_cast<dsl::Stage>(stage)), session_(session), transaction_(transaction), log_(log) {}

    [[nodiscard]] dsl::Outcome call(dsl::HostFunction function, dsl::NativeCall& call) override;

  private:
    [[nodiscard]] dsl::Value connection(dsl::HostFunction function) const;
    [[nodiscard]] dsl::Value tls() const;
    [[nodiscard]] dsl::Outcome transaction(dsl::HostFunction function, dsl::NativeCall& call) const;
    [[nodiscard]] dsl::Outcome log(dsl::NativeCall& call);

    smtp::SessionFacts& session_;
    smtp::Transaction* transaction_;
    obs::Log& log_;
};

}  // namespace sluice::filter
