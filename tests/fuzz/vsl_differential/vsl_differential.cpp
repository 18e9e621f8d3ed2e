// Bytes -> a well-formed program (tests/reference/generator.hpp), run by the machine and by the reference evaluator. A
// difference aborts with the program and both answers. `differential --reduce` finds a smaller one for a seed of its
// own.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "dsl/lib/library.hpp"
#include "dsl/value/value.hpp"
#include "tests/reference/differential.hpp"
#include "tests/reference/generator.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sluice;
    (void)dsl::lib::base_library();
    const auto before = dsl::heap_bytes();
    const auto script = reference::Generator({data, size}).program();
    const auto result = reference::compare(script);
    if (result.kind == reference::Comparison::Kind::differ) {
        std::fprintf(stderr, "%s\n--- %s\n", script.c_str(), result.report.c_str());
        std::abort();
    }
    if (dsl::heap_bytes() != before) {
        std::fprintf(stderr, "%s\n--- values of the script outlived it\n", script.c_str());
        std::abort();
    }
    return 0;
}
