// One generation of rules: the root filter and the scripts of every domain, loaded and checked (vsl-rules.md 1.2, 5).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/host/rule_script.hpp"
#include "engine/config/configuration.hpp"
#include "engine/smtp/envelope.hpp"

namespace sluice::filter {

using Script = std::shared_ptr<const dsl::RuleScript>;

struct DomainScripts {
    Script incoming;
    Script outgoing;
    Script internal;
};

// Whether warnings about what is legal and surely not meant are wanted too (dsl/lint).
enum class Lints : bool { no, yes };

// Whether scripts tell which branches they reach (Host::reached): slower, for `sluice test --coverage`.
enum class Marks : bool { no, yes };

class RuleSet {
  public:
    // Null if any script is wrong.
    [[nodiscard]] static std::shared_ptr<const RuleSet> load(const config::Configuration& configuration,
                                                             dsl::Diagnostics& diagnostics, Lints lints = Lints::no,
                                                             Marks marks = Marks::no);

    // Nearest enclosing handled domain: the name, then without its first label, and so on (vsl-rules.md 5.1).
    [[nodiscard]] const std::string* lookup(std::string_view domain) const;
    // The one script that decides this stage run (table of 5.2, changed by decisions.md for the null reverse-path).
    [[nodiscard]] const Script& select(smtp::Stage stage, const smtp::Transaction* transaction) const;

    // Those that are files: the root filter, if there is one, and those of the domains, each once.
    [[nodiscard]] const std::vector<Script>& files() const { return files_; }

    // Whether any rule of stage authenticate exists.
    [[nodiscard]] bool authenticates() const { return !root_->directives(dsl::Stage::authenticate).empty(); }

  private:
    RuleSet() = default;
    Script root_;
    Script fallback_;  // denies at every stage: for states that should not occur
    std::unordered_map<std::string, DomainScripts> domains_;
    std::vector<Script> files_;
};

}  // namespace sluice::filter
