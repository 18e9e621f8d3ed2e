// Stands for a way to deliver that rules may choose and this version cannot do yet: the message waits, and the log says
// for what.
#pragma once

#include <fmt/format.h>

#include "engine/deliver/forward_target.hpp"
#include "engine/deliver/local_transport.hpp"

namespace sluice::deliver {

class MissingTransport final : public LocalDelivery {
  public:
    explicit MissingTransport(std::string method) : method_(std::move(method)) {}
    [[nodiscard]] Outcome deliver(const Attempt&) override {
        return Outcome::temporary(
            fmt::format("4.3.5 the transport '{}' of a rule is not part of this version: the message waits",
                        shown_method(method_)));
    }
    [[nodiscard]] bool repeatable() const noexcept override { return true; }

  private:
    std::string method_;
};

}  // namespace sluice::deliver
