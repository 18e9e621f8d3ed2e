// The options of one scope of Momentum's, and what they become in one of ours.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/model.hpp"
#include "engine/migrate/momentum_file.hpp"
#include "engine/migrate/report.hpp"

namespace sluice::migrate::momentum {

enum class Direction : std::uint8_t { inbound, outbound };

// One of our `tls` maps.
struct Target {
    Direction direction = Direction::outbound;
    Keys& keys;
    std::string path;  // "config.server.tls", for the report
};

// Options and stanzas of a scope. Of an option that is set twice the later one counts, as with Momentum: a notice.
class Scope {
  public:
    Scope(const std::vector<Node>& body, Report& report);

    [[nodiscard]] const Node* find(std::string_view key) const noexcept;
    [[nodiscard]] const std::vector<const Node*>& options() const noexcept { return options_; }
    [[nodiscard]] const std::vector<const Node*>& stanzas() const noexcept { return stanzas_; }

  private:
    std::vector<const Node*> options_;
    std::vector<const Node*> stanzas_;
};

// Writes what a TLS option says into the targets and reports it; an option that is none of TLS is not carried over.
void apply(const Node& option, std::span<const Target> targets, Report& report);

// For what no part of this migration knows.
void refuse_unknown(const Node& node, Report& report);

}  // namespace sluice::migrate::momentum
