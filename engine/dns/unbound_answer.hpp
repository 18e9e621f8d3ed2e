// A result of libunbound as an Answer. Used by unbound_context.cpp only; its own header for tests of what no server
// sends through libunbound.
#pragma once

#include "engine/dns/resolver.hpp"

struct ub_result;

namespace sluice::dns {

// Records that cannot be decoded make the whole answer temporary: half of an MX or TLSA set must not look like all.
[[nodiscard]] Answer to_answer(const ub_result& result, const Name& asked, RecordType type);

}  // namespace sluice::dns
