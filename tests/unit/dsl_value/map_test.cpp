// MapObject against std::map, by random operations: the index has no tombstones, so removal is where it could break.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "dsl/value/objects.hpp"

namespace sluice::dsl {
namespace {

void compare(const MapObject& map, const std::map<std::string, std::int64_t>& model) {
    ASSERT_EQ(map.size(), model.size());
    auto at = model.begin();
    for (const auto* entry : map.sorted()) {
        ASSERT_EQ(entry->key.as_string(), at->first);
        ASSERT_EQ(entry->value.as_int(), at->second);
        ++at;
    }
}

TEST(MapObject, AgainstStdMap) {
    for (unsigned seed = 0; seed < 30; ++seed) {
        std::mt19937 random(seed);
        MapObject map;
        std::map<std::string, std::int64_t> model;
        const int keys = 3 + static_cast<int>(random() % 200);
        for (int step = 0; step < 3000; ++step) {
            // Some keys are short, some live on the heap.
            auto key = std::to_string(random() % static_cast<unsigned>(keys));
            if (key.size() % 2 == 0) key += " with a tail that makes it long";
            switch (random() % 5) {
                case 0:
                case 1:
                    map.set(key, Value::integer(step));
                    model[key] = step;
                    break;
                case 2:
                case 3: {
                    Value removed;
                    const bool had = model.contains(key);
                    ASSERT_EQ(map.remove(key, removed), had);
                    if (had) {
                        ASSERT_EQ(removed.as_int(), model[key]);
                    }
                    model.erase(key);
                    break;
                }
                default: {
                    const auto* found = map.find(Value::string(key));
                    ASSERT_EQ(found != nullptr, model.contains(key));
                    if (found) {
                        ASSERT_EQ(found->as_int(), model[key]);
                    }
                }
            }
            if (step % 500 == 0) {
                compare(map, model);
                MapObject copy;
                copy.copy_from(map);
                compare(copy, model);
            }
            if (random() % 1000 == 0) {
                map.clear();
                model.clear();
            }
        }
        compare(map, model);
    }
}

TEST(MapObject, EmptyKeyAndKeysWithZeros) {
    MapObject map;
    map.set("", Value::integer(1));
    map.set(std::string_view("\0", 1), Value::integer(2));
    map.set(std::string_view("\0\0", 2), Value::integer(3));
    EXPECT_EQ(map.size(), 3u);
    EXPECT_EQ(map.find(std::string_view("\0", 1))->as_int(), 2);
    EXPECT_EQ(map.find(Value::string(""))->as_int(), 1);
}

}  // namespace
}  // namespace sluice::dsl
