// The configuration as rules see it: cfg::server and cfg::app (vsl-rules.md 9.14). Data only: what is no data in the
// administrator's map (a function, an object) stands there as its text.
#pragma once

#include <memory>

#include "dsl/value/objects.hpp"

namespace sluice::config {

struct ShownValues {
    dsl::FrozenSet frozen;  // first: the values below point into it
    dsl::Value server;
    dsl::Value app;
};

// `config`: the map that on_config gave.
[[nodiscard]] std::shared_ptr<const ShownValues> show(const dsl::Value& config);

}  // namespace sluice::config
