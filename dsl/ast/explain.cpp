#include "dsl/ast/explain.hpp"

namespace sluice::dsl::ast {
Diagnostic explain(const Unexpected& fault, const FaultPlace&, const SourcePtr& source) {
    return {Code::unexpected_token, source, {fault.at, fault.at}, fault.expected.text, {}};
}
}
