#include "engine/migrate/postfix_policy.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/migrate/names.hpp"
#include "engine/migrate/postfix_keys.hpp"
#include "engine/migrate/tls_values.hpp"
#include "grammar/mail/parameters.hpp"

namespace sluice::migrate::postfix {

namespace {

// Keys that a policy decides as a whole, with what they are here if nobody sets them.
const Keys& defaults() {
    static const Keys keys = [] {
        Keys made;
        made["mode"] = std::string("opportunistic");
        made["verify"] = std::string("no");
        made["match"] = Strings{"nexthop", "hostname"};
        made["pins"] = Strings{};
        made["protocol_version"] = Strings{"TLSv1.2", "TLSv1.3"};
        made["ciphers"] = std::string("DEFAULT");
        made["sni"] = std::string("auto");
        return made;
    }();
    return keys;
}

std::string_view name_of(std::string_view pattern) { return pattern.starts_with('.') ? pattern.substr(1) : pattern; }

bool is_below(std::string_view name, std::string_view parent) {
    return name.size() > parent.size() + 1 && name.ends_with(parent) && name[name.size() - parent.size() - 1] == '.';
}

// The longest ".s" that covers the pattern and is not the pattern. `itself`: whether ".x" covers x, as it does here.
const Block* parent_of(std::string_view pattern, const std::vector<Block>& blocks, bool itself) {
    const Block* best = nullptr;
    for (const auto& block : blocks) {
        if (!block.pattern.starts_with('.') || block.pattern == pattern) continue;
        const auto suffix = name_of(block.pattern);
        const bool covers = is_below(name_of(pattern), suffix) || (itself && name_of(pattern) == suffix);
        if (covers && (best == nullptr || block.pattern.size() > best->pattern.size())) best = &block;
    }
    return best;
}

// What the entry has to say so that all keys are as in the block, if it inherits these.
Keys differences(const Keys& block, const Keys& inherited) {
    Keys out;
    out["mode"] = *block.find("mode");
    if (*block.find("mode") == Value(std::string("none"))) return out;
    for (const auto& [key, value] : defaults()) {
        const auto* own = block.find(key);
        const auto* above = inherited.find(key);
        const auto& wanted = own == nullptr ? value : *own;
        if (key != "pins" || own != nullptr)
            if (wanted != (above == nullptr ? value : *above)) out[key] = wanted;
    }
    return out;
}

struct Attribute {
    std::string name;
    std::string value;
};

std::vector<Attribute> attributes_of(const Strings& words) {
    std::vector<Attribute> out;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto equals = std::min(words[i].find('='), words[i].size());
        out.push_back({grammar::mail::lower_case(words[i].substr(0, equals)),
                       words[i].substr(std::min(equals + 1, words[i].size()))});
    }
    return out;
}

ClientPolicy policy_of(const Entry& entry, const std::string& shown, Report& report) {
    const auto words = split(entry.value, " \t,");
    ClientPolicy policy{.level = words.empty() ? "" : words.front()};
    for (const auto& [name, value] : attributes_of(words)) {
        if (name == "match")
            policy.match += (policy.match.empty() ? "" : "|") + value;
        else if (name == "protocols")
            policy.protocols = value;
        else if (name == "ciphers")
            policy.ciphers = value;
        else if (name == "exclude" || name == "excludes")
            policy.exclude = value;
        else if (name == "servername")
            policy.servername = value;
        else
            report.not_carried(entry.place, shown, fmt::format("there is no counterpart of {}=", name),
                               "the rest of the entry is carried over");
    }
    if (policy.level != "fingerprint") std::replace(policy.match.begin(), policy.match.end(), '|', ':');
    return policy;
}

void read_policy(const Entry& entry, const Settings& settings, std::vector<Block>& blocks, Report& report) {
    const auto shown = fmt::format("{} {}", entry.key, entry.value);
    const auto refuse = [&](std::string_view why, std::string_view instead) {
        report.not_carried(entry.place, shown, why, instead);
    };
    const auto pattern = domain_pattern(entry.key);
    if (!pattern || entry.key.starts_with('*'))
        return refuse(
            "policies are for domains of recipients, not for next hops with brackets or ports",
            "name the domain, or send by transport::forward_all(\"smtp://HOST:PORT?tls=required\") in a rule");
    if (std::ranges::any_of(blocks, [&](const Block& block) { return block.pattern == *pattern; }))
        return report.notice(entry.place, shown, "an earlier table has this key, and counts");
    const auto policy = policy_of(entry, shown, report);
    const auto made = policy_keys(settings, policy);
    for (const auto& note : made.notes) report.notice(entry.place, shown, note);
    for (const auto& problem : made.problems)
        refuse(problem, made.keys.keys.empty()
                            ? std::string("write config.delivery.domain[…] for this domain")
                            : fmt::format("complete config.delivery.domain[\"{}\"] with it", *pattern));
    if (made.keys.keys.empty()) return;
    blocks.push_back({*pattern, made.keys.keys});
    const auto path = fmt::format("config.delivery.domain[\"{}\"]", *pattern);
    report.carried(entry.place, shown, path);
    // What the entry takes from main.cf counts there.
    for (const auto* key : {"match", "pins", "protocol_version", "ciphers", "sni"})
        settings.carried(made.keys, key, path + ".tls");
}

}  // namespace

Named<Keys> scopes_of(const std::vector<Block>& written, const Keys& global) {
    std::vector<Block> blocks;
    for (const auto& block : written) {
        blocks.push_back(block);
        const std::string name(name_of(block.pattern));
        const auto same_name = [&](const Block& other) { return other.pattern == name; };
        if (std::ranges::any_of(written, same_name)) continue;
        const auto* parent = parent_of(name, written, false);
        auto keys = parent == nullptr ? global : parent->keys;
        if (keys.find("mode") == nullptr) keys["mode"] = *defaults().find("mode");
        blocks.push_back({name, std::move(keys)});
    }
    // Entries that others inherit from come first.
    auto order = blocks;
    std::ranges::stable_sort(order, {}, [](const Block& block) {
        return std::pair(name_of(block.pattern).size(), !block.pattern.starts_with('.'));
    });
    Named<Keys> said;
    Named<Keys> effective;
    for (const auto& block : order) {
        const auto* parent = parent_of(block.pattern, blocks, true);
        auto all = parent == nullptr ? global : effective[parent->pattern];
        said[block.pattern] = differences(block.keys, all);
        for (const auto& [key, value] : said[block.pattern]) all[key] = value;
        effective[block.pattern] = std::move(all);
    }
    Named<Keys> scopes;
    for (const auto& block : blocks) scopes[block.pattern] = said[block.pattern];
    return scopes;
}

void read_policies(const std::vector<Entry>& entries, const Settings& settings, std::vector<Block>& blocks,
                   Report& report) {
    for (const auto& entry : entries) read_policy(entry, settings, blocks, report);
}

}  // namespace sluice::migrate::postfix
