#include "engine/migrate/momentum_scope.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/migrate/momentum_options.hpp"

namespace sluice::migrate::momentum {

Scope::Scope(const std::vector<Node>& body, Report& report) {
    for (const auto& node : body) {
        if (node.stanza) {
            stanzas_.push_back(&node);
            continue;
        }
        const auto earlier =
            std::find_if(options_.begin(), options_.end(), [&](const Node* option) { return option->key == node.key; });
        if (earlier != options_.end()) {
            report.notice((*earlier)->place, (*earlier)->shown,
                          fmt::format("set again at {}:{}, which counts", node.place.file, node.place.line));
            options_.erase(earlier);
        }
        options_.push_back(&node);
    }
}

const Node* Scope::find(std::string_view key) const noexcept {
    const auto at = std::ranges::find_if(options_, [&](const Node* option) { return option->key == key; });
    return at == options_.end() ? nullptr : *at;
}

void apply(const Node& option, std::span<const Target> targets, Report& report) {
    const auto translation = translate(option.key, option.value);
    if (!translation) return refuse_unknown(option, report);
    if (translation->verdict == Verdict::notice)
        return report.notice(option.place, option.shown, translation->text, translation->instead);
    if (translation->verdict == Verdict::refused)
        return report.not_carried(option.place, option.shown, translation->text, translation->instead);
    bool has_meaning = false;
    for (const auto& target : targets) {
        const auto& key = target.direction == Direction::inbound ? translation->inbound : translation->outbound;
        if (key.empty()) continue;
        has_meaning = true;
        target.keys[key] = translation->value;
        report.carried(option.place, option.shown, fmt::format("{}.{}", target.path, key));
    }
    if (!has_meaning)
        return report.not_carried(option.place, option.shown, "it has no meaning in this scope",
                                  "Momentum ignores it here; move it to a scope where it counts, or remove it");
    if (!translation->text.empty()) report.notice(option.place, option.shown, translation->text, translation->instead);
}

void refuse_unknown(const Node& node, Report& report) {
    if (!node.stanza)
        return report.not_carried(node.place, node.shown,
                                  "TLS, listeners and delivery scopes are carried over; this is not among them",
                                  "look for its counterpart in the README; what is decided per message is a rule");
    report.not_carried(
        node.place, node.shown,
        node.body.empty()
            ? std::string("there is no counterpart")
            : fmt::format("there is no counterpart; with the {} option(s) and stanza(s) in it", node.body.size()),
        "look for what it did in the README");
}

}  // namespace sluice::migrate::momentum
