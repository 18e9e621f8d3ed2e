#include "engine/config/shown_values.hpp"

#include "dsl/value/operations.hpp"

namespace sluice::config {

namespace {

// The reader of the configuration has already refused what nests deeper.
constexpr int deepest = 64;

dsl::Value data_of(const dsl::Value& value, int depth) {
    if (!value.on_heap()) return value;
    if (value.is_string()) return dsl::Value::string(value.as_string());
    if (value.is_array() && depth < deepest) {
        dsl::Values items;
        for (const auto& item : value.as_array().items) items.push_back(data_of(item, depth + 1));
        return dsl::make_array(std::move(items));
    }
    if (value.is_map() && depth < deepest) {
        auto map = dsl::make_map();
        for (const auto& entry : value.as_map().entries())
            map.as_map().set(entry.key.as_string(), data_of(entry.value, depth + 1));
        return map;
    }
    return dsl::Value::string(dsl::brief(value));
}

dsl::Value part(const dsl::Value& config, std::string_view key) {
    const auto* found = config.is_map() ? config.as_map().find(key) : nullptr;
    return found ? data_of(*found, 0) : dsl::make_map();
}

}  // namespace

std::shared_ptr<const ShownValues> show(const dsl::Value& config) {
    auto shown = std::make_shared<ShownValues>();
    shown->server = part(config, "server");
    shown->app = part(config, "app");
    shown->frozen.freeze(shown->server);
    shown->frozen.freeze(shown->app);
    return shown;
}

}  // namespace sluice::config
