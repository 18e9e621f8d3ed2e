// The grammar as a whole: no rule loops without progress, every recursion is counted.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string_view>
#include <tao/pegtl/contrib/analyze.hpp>
#include <vector>

#include "grammar/vsl/error_texts.hpp"

namespace sluice::grammar::vsl {

namespace {

TEST(Analyze, NoRuleLoopsWithoutProgress) {
    EXPECT_EQ(p::analyze<script>(), 0U);
    EXPECT_EQ(p::analyze<script_rest>(), 0U);
    EXPECT_EQ(p::analyze<single_expression>(), 0U);
    EXPECT_EQ(p::analyze<single_directive>(), 0U);
}

using Graph = std::map<std::string_view, std::vector<std::string_view>>;

bool has_cycle(const Graph& graph, std::string_view at, std::set<std::string_view>& done,
               std::set<std::string_view>& path) {
    if (path.contains(at)) return true;
    if (!done.insert(at).second) return false;
    path.insert(at);
    for (const auto next : graph.at(at)) {
        if (has_cycle(graph, next, done, path)) {
            ADD_FAILURE() << "a cycle that counts no depth passes through " << at;
            return true;
        }
    }
    path.erase(at);
    return false;
}

// A rule that is a deeper<>, or derived from one, counts its depth: cycles through it are fine.
template <class Rule>
concept Counted = requires(const Rule& rule) { []<class S, class R>(const deeper<S, R>&) {}(rule); };

template <class Rule>
void collect(Graph& graph, std::vector<std::string_view>& counted);

template <class... Rules>
void collect_all(Graph& graph, std::vector<std::string_view>& counted, [[maybe_unused]] std::string_view parent,
                 p::type_list<Rules...> /*rules*/) {
    (graph[parent].push_back(p::demangle<Rules>()), ...);
    (collect<Rules>(graph, counted), ...);
}

template <class Rule>
void collect(Graph& graph, std::vector<std::string_view>& counted) {
    const std::string_view name = p::demangle<Rule>();
    if (!graph.try_emplace(name).second) return;
    if constexpr (Counted<Rule>) counted.push_back(name);
    collect_all(graph, counted, name, typename Rule::subs_t());
}

TEST(Analyze, EveryRecursionIsCounted) {
    Graph graph;
    std::vector<std::string_view> counted;
    collect<script>(graph, counted);
    ASSERT_GE(counted.size(), 3U);
    for (const auto name : counted) graph[name].clear();
    for (const auto& [name, subs] : graph) {
        std::set<std::string_view> done;
        std::set<std::string_view> path;
        ASSERT_FALSE(has_cycle(graph, name, done, path));
    }
}

}  // namespace

}  // namespace sluice::grammar::vsl
