#include "dsl/value/text_hash.hpp"

#include <random>

namespace sluice::dsl {

const std::uint64_t text_hash_secret = [] {
    std::random_device source;
    return (static_cast<std::uint64_t>(source()) << 32 | source()) | 1;
}();

}  // namespace sluice::dsl
