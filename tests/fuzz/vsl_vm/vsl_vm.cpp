// A script -> compiled and run with narrow budgets. Checked: it ends in time, an error says where, the result can be
// shown, and everything it allocated is given back, cycles of closures included.
// Run: fuzz_vsl_vm -dict=vsl.dict CORPUS seeds
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "dsl/lib/library.hpp"
#include "dsl/tools/session.hpp"
#include "dsl/value/operations.hpp"

namespace {

using namespace sluice::dsl;

void require(bool condition) {
    if (!condition) std::abort();
}

Limits narrow() {
    Limits limits;
    limits.operations = 100'000;
    limits.memory_bytes = 64u << 20;
    limits.string_bytes = 1u << 20;
    limits.array_items = 100'000;
    limits.map_items = 10'000;
    limits.wall_ms = 500;
    return limits;
}

void run(const std::string& text, const Limits& limits) {
    static const std::map<std::string, std::string> modules{
        {"lib.vsl",
         "export const LIMIT = 25; export let list = [1, 2]; fn twice(x) { x * 2 } fn call_it(f) { f.call(1) }"},
        {"other.vsl", "import \"lib\" as base; export let seen = base::LIMIT; fn f() { base::twice(4) }"},
    };
    MapLoader loader(modules);
    tools::Session session(lib::base_library(), limits);
    session.set_loader(&loader, "", {"lib.vsl", "other.vsl"});
    Diagnostics diagnostics;
    auto loaded = session.compile("fuzz.vsl", text, false, false, diagnostics);
    require(loaded.program || diagnostics.has_errors());
    if (!loaded.program) return;
    Value result;
    if (const auto error = session.run(loaded, result)) {
        require(!name(error->kind).empty());
        require(!error->source || error->span.begin <= error->source->text().size());
        (void)to_value(*error);
    } else {
        std::string shown;
        (void)append_debug(result, shown, limits);
        (void)brief(result);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)lib::base_library();
    const auto before = heap_bytes();
    const auto start = std::chrono::steady_clock::now();
    const std::string text(reinterpret_cast<const char*>(data), size);
    run(text, narrow());
    auto tiny = narrow();
    tiny.operations = 300;
    tiny.string_bytes = 20;
    tiny.array_items = 5;
    tiny.map_items = 3;
    tiny.call_depth = 4;
    run(text, tiny);
    require(heap_bytes() == before);
    require(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
    return 0;
}
