#include "dsl/check/results.hpp"

#include "dsl/ast/walk.hpp"

namespace sluice::dsl::check {

namespace {

using namespace ast;

class Collector {
  public:
    Results run(const Node& body) {
        waiting_.push_back(&body);
        collect_returns(body);
        while (!waiting_.empty()) {
            const auto* next = waiting_.back();
            waiting_.pop_back();
            tail(*next);
        }
        return std::move(results_);
    }

  private:
    void tail(const Node& node) {
        switch (node.kind) {
            case Kind::block: return block(as<Block>(node));
            case Kind::if_: return branches(as<If>(node));
            case Kind::switch_: return cases(as<Switch>(node));
            case Kind::loop: return breaks(*as<Loop>(node).body);
            case Kind::while_:
            case Kind::do_:
            case Kind::for_:
            case Kind::try_:
            case Kind::let:
            case Kind::import:
            case Kind::export_:
            case Kind::assign:
            case Kind::empty: results_.without.push_back(&node); break;
            case Kind::return_:  // collected already
            case Kind::throw_:
            case Kind::break_:
            case Kind::continue_: break;
            default: results_.values.push_back(&node); break;
        }
    }

    void block(const Block& node) {
        const Node* last = nullptr;
        for (const auto* statement : node.statements)
            if (statement->kind != Kind::empty) last = statement;
        if (last)
            waiting_.push_back(last);
        else
            results_.without.push_back(&node);
    }

    void branches(const If& node) {
        waiting_.push_back(node.then);
        if (node.otherwise)
            waiting_.push_back(node.otherwise);
        else
            results_.without.push_back(&node);
    }

    void cases(const Switch& node) {
        bool complete = false;
        for (const auto& entry : node.cases) {
            waiting_.push_back(entry.body);
            complete = complete || (entry.labels.empty() && !entry.guard);
        }
        if (!complete) results_.without.push_back(&node);
    }

    // The value of a loop is that of its `break`.
    void breaks(const Node& body) {
        std::vector<const Node*> inside{&body};
        while (!inside.empty()) {
            const auto* next = inside.back();
            inside.pop_back();
            switch (next->kind) {
                case Kind::break_:
                    if (const auto* value = as<Break>(*next).value)
                        waiting_.push_back(value);
                    else
                        results_.without.push_back(next);
                    break;
                case Kind::closure:
                case Kind::loop:
                case Kind::while_:
                case Kind::do_:
                case Kind::for_: break;  // their breaks are their own
                default: for_each_child(*next, [&](const Node& child) { inside.push_back(&child); });
            }
        }
    }

    void collect_returns(const Node& body) {
        std::vector<const Node*> inside{&body};
        while (!inside.empty()) {
            const auto* next = inside.back();
            inside.pop_back();
            if (next->kind == Kind::closure) continue;
            if (next->kind == Kind::return_) {
                if (const auto* value = as<Return>(*next).value)
                    waiting_.push_back(value);
                else
                    results_.without.push_back(next);
            }
            for_each_child(*next, [&](const Node& child) { inside.push_back(&child); });
        }
    }

    Results results_;
    std::vector<const Node*> waiting_;
};

}  // namespace

Results results_of(const Node& body) { return Collector().run(body); }

bool ends_here(const Node& statement) {
    switch (statement.kind) {
        case Kind::return_:
        case Kind::throw_:
        case Kind::break_:
        case Kind::continue_: return true;
        default: return false;
    }
}

}  // namespace sluice::dsl::check
