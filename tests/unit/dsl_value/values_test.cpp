// Values: sharing, copy on write, freezing, release of deep and cyclic structures.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "dsl/value/cells.hpp"
#include "dsl/value/iterators.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl {
namespace {

TEST(Value, ShortAndLongStrings) {
    for (std::size_t size = 0; size < 40; ++size) {
        const std::string text(size, 'x');
        const auto value = Value::string(text);
        EXPECT_EQ(value.as_string(), text);
        EXPECT_EQ(value.on_heap(), size > Value::max_short);
        EXPECT_TRUE(value.is_string());
    }
}

TEST(Value, AppendGrowsWhateverTheSizes) {
    for (std::size_t first = 0; first < 20; ++first) {
        for (std::size_t second = 0; second < 20; ++second) {
            auto value = Value::string(std::string(first, 'a'));
            const auto before = value;
            value.append(std::string(second, 'b'));
            EXPECT_EQ(value.as_string(), std::string(first, 'a') + std::string(second, 'b'));
            EXPECT_EQ(before.as_string(), std::string(first, 'a'));
        }
    }
}

// Keys of maps are compared by their bits when short, so a short string has only one form.
TEST(Value, ShortStringsAreCanonical) {
    auto grown = Value::string("a");
    grown.append("bc");
    EXPECT_TRUE(grown.same_bits(Value::string("abc")));
}

TEST(Value, CopyOnWrite) {
    Value a = make_array({Value::integer(1), Value::integer(2)});
    Value b = a;
    EXPECT_EQ(a.object(), b.object());
    b.own_array().items.push_back(Value::integer(3));
    EXPECT_NE(a.object(), b.object());
    EXPECT_EQ(a.as_array().items.size(), 2u);
    auto* place = b.object();
    b.own_array().items.pop_back();
    EXPECT_EQ(b.object(), place) << "alone: changed in place";

    Value m = make_map();
    m.own_map().set("k", Value::integer(1));
    Value n = m;
    n.own_map().set("k", Value::integer(2));
    EXPECT_EQ(m.as_map().find("k")->as_int(), 1);
    Value x = make_blob(Bytes{1, 2});
    Value y = x;
    y.own_blob().bytes[0] = 9;
    EXPECT_EQ(x.as_blob().bytes[0], 1);
}

TEST(Value, SelfAssignment) {
    Value a = make_array({Value::string("a string long enough for the heap")});
    auto& same = a;
    a = same;
    EXPECT_EQ(a.as_array().items.size(), 1u);
    a = Value(a.as_array().items[0]);
    EXPECT_TRUE(a.is_string());
}

TEST(Value, ReleaseOfAMillionLevels) {
    const auto before = heap_bytes();
    {
        Value deep;
        for (int i = 0; i < 1'000'000; ++i)
            deep = i % 2 == 0 ? make_array({std::move(deep)}) : [&] {
                Value map = make_map();
                map.as_map().set("k", std::move(deep));
                return map;
            }();
        Value copy = deep;
        EXPECT_TRUE(copy.is_map());
    }
    EXPECT_EQ(heap_bytes(), before);
}

TEST(FrozenSet, DeepValuesAreFrozenAndFreed) {
    const auto before = heap_bytes();
    {
        FrozenSet frozen;
        Value deep = Value::string("a string long enough for the heap");
        for (int i = 0; i < 300'000; ++i) deep = make_array({std::move(deep), Value::integer(i)});
        frozen.freeze(deep);
        frozen.freeze(deep);
        EXPECT_TRUE(deep.object()->frozen());
        EXPECT_TRUE(deep.as_array().items[0].object()->frozen());
    }
    EXPECT_EQ(heap_bytes(), before);
}

TEST(FrozenSet, FrozenValuesAreNeverChanged) {
    FrozenSet frozen;
    Value a = make_array({Value::integer(1)});
    frozen.freeze(a);
    Value b = a;
    b.own_array().items[0] = Value::integer(2);
    EXPECT_EQ(a.as_array().items[0].as_int(), 1);
    EXPECT_FALSE(b.object()->frozen());
    Value s = Value::string("a string long enough for the heap");
    frozen.freeze(s);
    Value t = s;
    t.append("!");
    EXPECT_EQ(s.as_string().size() + 1, t.as_string().size());
}

TEST(FrozenSet, SharedByThreads) {
    FrozenSet frozen;
    Value map = make_map();
    for (int i = 0; i < 100; ++i)
        map.own_map().set("key" + std::to_string(i),
                          make_array({Value::string("a string long enough for the heap"), Value::integer(i)}));
    map.own_map().set("chars", make_char_iterator(Value::string("a string long enough for the heap"), 0, 99));
    frozen.freeze(map);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&map, t] {
            for (int round = 0; round < 2000; ++round) {
                Value copy = map;
                Value item = *copy.as_map().find("key" + std::to_string((round + t) % 100));
                item.own_array().items.push_back(copy);
                Value mine = map.as_map().find("chars")->as_iterator().clone();
                Value c;
                int count = 0;
                while (mine.as_iterator().next(c)) ++count;
                ASSERT_EQ(count, 33);
            }
        });
    for (auto& thread : threads) thread.join();
}

Value cell_in(CellList& list, Value value) {
    Value cell = make_object<CellObject>(std::move(value));
    list.add(cell.as_cell());
    return cell;
}

Value closure_over(std::initializer_list<Value> cells) {
    Value fn = make_object<FnObject>();
    for (const auto& cell : cells) fn.as_fn().captures.push_back(cell);
    return fn;
}

TEST(CellList, FreesCyclesOnly) {
    const auto before = heap_bytes();
    CellList list;
    {
        Value loop = cell_in(list, Value());
        loop.as_cell().value = closure_over({loop});
        Value kept = cell_in(list, Value::string("a string long enough for the heap"));
        Value kept_loop = cell_in(list, Value());
        kept_loop.as_cell().value = make_array({closure_over({kept_loop, kept}), Value::integer(1)});
        Value outside = kept_loop.as_cell().value;  // somebody still holds the array
        loop = kept_loop = kept = Value();
        list.collect();
        EXPECT_FALSE(list.empty());
        EXPECT_EQ(outside.as_array().items[0].as_fn().captures[1].as_cell().value.as_string().size(), 33u);
        EXPECT_TRUE(outside.as_array().items[0].as_fn().captures[0].as_cell().value.is_array());
    }
    EXPECT_FALSE(list.empty());
    list.collect();
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(heap_bytes(), before);
}

TEST(CellList, LongChainsAndRings) {
    const auto before = heap_bytes();
    CellList list;
    {
        Value first = cell_in(list, Value());
        Value at = first;
        for (int i = 0; i < 100'000; ++i) {
            Value next = cell_in(list, closure_over({at}));
            at = next;
        }
        first.as_cell().value = closure_over({at});
    }
    list.collect();
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(heap_bytes(), before);
}

TEST(CellList, CellsMayOutliveTheList) {
    Value cell;
    {
        CellList list;
        cell = cell_in(list, Value::integer(7));
    }
    EXPECT_EQ(cell.as_cell().value.as_int(), 7);
}

}  // namespace
}  // namespace sluice::dsl
