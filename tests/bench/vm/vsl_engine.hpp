// A script whose value is a function pointer, loaded and frozen as rules are.
#pragma once

#include <memory>
#include <string>

#include "dsl/code/compiler.hpp"
#include "dsl/vm/vm.hpp"

namespace sluice::bench {

class Vsl {
  public:
    explicit Vsl(const std::string& text, const dsl::NativeTable* natives = nullptr);
    [[nodiscard]] const dsl::Value& call();

  private:
    std::shared_ptr<dsl::code::Program> program_;
    std::unique_ptr<dsl::vm::Globals> globals_;
    dsl::Value function_;
    std::unique_ptr<dsl::vm::Vm> machine_;
};

}  // namespace sluice::bench
