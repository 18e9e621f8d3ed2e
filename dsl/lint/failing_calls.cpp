// W0104: a call whose arguments are known and which fails whenever it is reached.
#include <fmt/format.h>

#include <unordered_set>

#include "dsl/host/host.hpp"
#include "dsl/lint/lints.hpp"

namespace sluice::dsl::lint {

using namespace ast;

namespace {

TypeSet set_named(std::string_view type) {
    static constexpr std::pair<std::string_view, TypeSet> sets[] = {
        {"bool", accepts::boolean},    {"i64", accepts::integer},   {"f64", accepts::floating},
        {"char", accepts::character},  {"string", accepts::string}, {"array", accepts::array},
        {"map", accepts::map},         {"range", accepts::range},   {"Fn", accepts::fn},
        {"status", accepts::host},     {"code", accepts::host},     {"address", accepts::host},
        {"fqdn", accepts::host},       {"ip4", accepts::host},      {"ip6", accepts::host},
        {"rg4", accepts::host},        {"rg6", accepts::host},      {"regex", accepts::host},
        {"identifier", accepts::host},
    };
    for (const auto& [name, set] : sets)
        if (name == type) return set;
    return accepts::any;
}

bool takes(const Native& native, const std::vector<std::string_view>& types) {
    for (std::size_t i = 0; i < types.size(); ++i)
        if (!(native.types[i] & set_named(types[i]))) return false;
    return true;
}

std::string hint_for(std::string_view name, const Call& call, std::string_view why) {
    if (name.starts_with("state::") && call.args.size() == 1 && call.args[0]->kind == Kind::integer)
        return fmt::format("a reply is a code with a text: {}(code({}, \"5.7.1\", \"text\"))", name,
                           as<Integer>(*call.args[0]).value);
    if (name.starts_with("state::") && why.find("is not a reply") != std::string_view::npos)
        return fmt::format("a reply begins with its code: {}(\"554 5.7.1 text\")", name);
    if (name == "log" || name == "logging::log") return "write log(\"info\", \"text\")";
    if (name.ends_with("regex") && why.find("invalid perl operator") != std::string_view::npos)
        return "look-around and back-references are not available";
    if (name.ends_with("regex") && why.find("missing") != std::string_view::npos)
        return "a bracket that stands for itself is written \\\\( or [(]";
    if (name == "state::quarantine") return "give a name such as \"spam\" or \"virus/incoming\"";
    if (name == "code" || name == "obj::code") return "a reply looks like code(550, \"5.7.1\", \"text\")";
    return "the arguments are written here: correct them";
}

class Calls {
  public:
    explicit Calls(const File& file) : file_(file) {}

    void visit(const Call& call) {
        const auto name = file_.literals.native_name(call);
        if (name.empty()) return;
        std::optional<check::Literals::Failure> failure;
        if (file_.literals.value(call, &failure)) return;
        if (failure) {
            // The failing call may be an argument of this one.
            if (known_.insert(failure->call).second)
                report(*failure->call, file_.literals.native_name(*failure->call), failure->why);
            return;
        }
        wrong_types(call, name);
    }

  private:
    void wrong_types(const Call& call, const std::string& name) {
        const auto& group = *file_.literals.natives().find(name, call.args.size());
        std::vector<std::string_view> types;
        for (const auto* arg : call.args) types.push_back(file_.types.of(*arg));
        for (const auto& native : group.overloads)
            if (takes(native, types)) return;
        std::string shown;
        for (const auto type : types)
            shown += (shown.empty() ? "" : ", ") + (type.empty() ? std::string("...") : with_article(type));
        report(call, name, fmt::format("'{}' does not take {}", name, shown));
    }

    void report(const Call& call, std::string_view name, const std::string& why) {
        file_.warn(Code::failing_call, call.span, fmt::format("this call can only fail: {}", why),
                   hint_for(name, call, why));
    }

    const File& file_;
    std::unordered_set<const Call*> known_;
};

}  // namespace

void failing_calls(const File& file) {
    Calls calls(file);
    for_each_node(file.tree, [&](const Node& node) {
        if (node.kind == Kind::call) calls.visit(as<Call>(node));
    });
}

}  // namespace sluice::dsl::lint
