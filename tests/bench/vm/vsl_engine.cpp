#include "vsl_engine.hpp"

#include "dsl/lib/library.hpp"
#include "measure.hpp"

namespace sluice::bench {

using namespace dsl;

namespace {
Limits unlimited() {
    Limits limits;
    limits.operations = 0;
    limits.memory_bytes = 1u << 30;
    limits.array_items = 2'000'000;
    limits.map_items = 2'000'000;
    return limits;
}
}  // namespace

Vsl::Vsl(const std::string& text, const NativeTable* natives) {
    code::CompileOptions options;
    options.natives = natives ? natives : &lib::base_library();
    Diagnostics diagnostics;
    program_ = code::compile(std::make_shared<SourceFile>("bench", text), options, diagnostics);
    if (!program_) fail("vSL: " + diagnostics.all().front().message);
    globals_ = std::make_unique<vm::Globals>(*program_);
    vm::Vm loading(*program_, *globals_, unlimited());
    if (loading.run_unit(*program_->main) != vm::Status::done) fail("vSL: " + loading.error()->message);
    function_ = loading.result();
    globals_->freeze();
    globals_->frozen.freeze(function_);
    machine_ = std::make_unique<vm::Vm>(*program_, std::as_const(*globals_), unlimited());
}

const Value& Vsl::call() {
    if (machine_->call(function_, {}) != vm::Status::done) fail("vSL: " + machine_->error()->message);
    return machine_->result();
}

}  // namespace sluice::bench
