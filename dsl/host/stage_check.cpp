#include "dsl/host/stage_check.hpp"

#include <set>

#include <fmt/format.h>

namespace sluice::dsl {

namespace {

using code::Opcode;

class Reachable {
  public:
    Reachable(Stage stage, const Directive& directive, Diagnostics& diagnostics)
        : stage_(stage), directive_(directive), diagnostics_(diagnostics) {}

    void visit(const Function& function) {
        std::vector<const Function*> waiting{&function};
        while (!waiting.empty()) {
            const auto* next = waiting.back();
            waiting.pop_back();
            if (!seen_.insert(next).second) continue;
            for (std::size_t at = 0; at < next->code.size(); ++at) instruction(*next, at, waiting);
        }
    }

  private:
    void instruction(const Function& function, std::size_t at, std::vector<const Function*>& waiting) {
        const auto& in = function.code[at];
        const auto& unit = *function.unit;
        switch (in.op) {
            case Opcode::call: waiting.push_back(unit.functions[in.c].get()); break;
            case Opcode::closure: waiting.push_back(unit.functions[in.b].get()); break;
            case Opcode::call_module:
                waiting.push_back(unit.qualified[in.c].unit->functions[unit.qualified[in.c].function].get());
                break;
            case Opcode::call_method:
                if (const auto target = function.methods[in.c].function; target != code::none)
                    waiting.push_back(unit.functions[target].get());
                break;
            case Opcode::call_native: native(function, at, *unit.natives[in.c]); break;
            default: break;
        }
    }

    void native(const Function& function, std::size_t at, const NativeGroup& group) {
        const auto* about = host_function(group);
        if (!about || about->first_stage == Stage::load || about->first_stage <= stage_) return;
        const auto offset = function.offsets[at];
        const auto end = offset + static_cast<std::uint32_t>(about->name.size());
        diagnostics_.add(Code::wrong_stage, function.unit->source, {offset, end},
                         fmt::format("{} is available from the '{}' stage on, but the directive '{}' stands in '{}'",
                                     about->name, to_string(about->first_stage), directive_.name, to_string(stage_)),
                         fmt::format("move the directive to '{}' or a later stage", to_string(about->first_stage)));
    }

    Stage stage_;
    const Directive& directive_;
    Diagnostics& diagnostics_;
    std::set<const Function*> seen_;
};

}  // namespace

void check_stages(const RuleScript& script, Diagnostics& diagnostics) {
    for (std::size_t i = 0; i < stage_count; ++i) {
        const auto stage = static_cast<Stage>(i);
        for (const auto& directive : script.directives(stage))
            Reachable(stage, directive, diagnostics).visit(*directive.function);
    }
}

}  // namespace sluice::dsl
