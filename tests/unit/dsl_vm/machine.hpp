// A script with functions of a test host, loaded and ready to be called, suspended and resumed.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "dsl/lib/library.hpp"
#include "dsl/tools/session.hpp"
#include "dsl/value/operations.hpp"
#include "dsl/vm/vm.hpp"

namespace sluice::dsl {

// wait(x): answered by the test through resume(). hold(bytes): allocates that much.
inline const NativeTable& test_library() {
    static const NativeTable table = [] {
        NativeTable t;
        lib::add_base(t);
        const auto wait = [](NativeCall&) { return Outcome::pending; };
        t.add("wait", {}, wait);
        t.add("wait", {accepts::any}, wait);
        t.add("wait", {accepts::any, accepts::any}, wait);
        t.add(
            "change_and_wait", {accepts::array},
            [](NativeCall& call) {
                call.args[0].own_array().items.push_back(Value::integer(99));
                return Outcome::pending;
            },
            mutates);
        t.add("fail", {}, [](NativeCall& call) { return call.fail("host failure"); });
        return t;
    }();
    return table;
}

class Machine {
  public:
    explicit Machine(const std::string& text, const Limits& limits = {},
                     std::map<std::string, std::string> modules = {})
        : modules_(std::move(modules)), loader_(modules_) {
        code::CompileOptions options;
        options.natives = &test_library();
        options.loader = &loader_;
        Diagnostics diagnostics;
        program_ = code::compile(std::make_shared<SourceFile>("test", text), options, diagnostics);
        if (!program_) {
            ADD_FAILURE() << text;
            return;
        }
        globals_ = std::make_unique<vm::Globals>(*program_);
        vm_ = std::make_unique<vm::Vm>(*program_, *globals_, limits);
    }

    vm::Status run() { return vm_->run_unit(*program_->main); }
    // Runs to the end, answering each wait() with the next number.
    std::string answered() {
        auto status = run();
        for (std::int64_t n = 1; status == vm::Status::suspended; ++n) status = vm_->resume(Value::integer(n));
        return shown(status);
    }
    std::string shown(vm::Status status) {
        std::string text;
        if (status == vm::Status::suspended) return "suspended";
        if (status == vm::Status::error)
            return "! " + std::string(name(vm_->error()->kind)) + ": " + vm_->error()->message;
        EXPECT_EQ(append_debug(vm_->result(), text, Limits{}), nullptr);
        return text;
    }
    vm::Vm& vm() { return *vm_; }
    const code::Program& program() const { return *program_; }
    vm::Globals& globals() { return *globals_; }

  private:
    std::map<std::string, std::string> modules_;
    MapLoader loader_;
    std::shared_ptr<code::Program> program_;
    std::unique_ptr<vm::Globals> globals_;
    std::unique_ptr<vm::Vm> vm_;
};

inline std::string run(const std::string& text, const Limits& limits = {},
                       std::map<std::string, std::string> modules = {}) {
    Machine machine(text, limits, std::move(modules));
    return machine.shown(machine.run());
}

}  // namespace sluice::dsl
