#include "engine/tls_policy/rule_keys.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "dsl/lib/duration.hpp"
#include "engine/tls/verify.hpp"

namespace sluice::tls_policy {

namespace {

namespace json = boost::json;

class KeyReader {
  public:
    KeyReader(const json::object& object, std::string& error) : object_(object), error_(error) {}

    void read(std::string_view key, std::optional<bool>& to) {
        const auto* value = find(key);
        if (value == nullptr) return;
        if (const auto* flag = value->if_bool())
            to = *flag;
        else
            wrong(key, "must be true or false");
    }
    void read(std::string_view key, std::optional<std::string>& to) {
        if (const auto text = text_of(key)) to = *text;
    }
    void read(std::string_view key, std::optional<Duration>& to) {
        const auto text = text_of(key);
        if (!text) return;
        to = *text == "0" ? std::optional(Duration(0)) : dsl::lib::parse_duration(*text);
        if (!to || to->count() < 0) wrong(key, fmt::format("'{}' is not a duration such as \"30s\"", *text));
    }
    void read(std::string_view key, std::optional<Strings>& to) {
        const auto* value = find(key);
        if (value == nullptr) return;
        Strings items;
        if (value->is_string()) items.emplace_back(value->get_string());
        if (value->is_array())
            for (const auto& item : value->get_array())
                if (item.is_string()) items.emplace_back(item.get_string());
        const std::size_t there = value->is_array() ? value->get_array().size() : 1;
        if (items.size() != there) return wrong(key, "must be a list of strings");
        to = std::move(items);
    }
    void read(std::string_view key, std::optional<Mode>& to) { word(key, to, mode_of); }
    void read(std::string_view key, std::optional<Verify>& to) { word(key, to, verify_of); }
    void read(std::string_view key, std::optional<Extra>& to) { word(key, to, extra_of); }
    void read(std::string_view key, std::optional<RequireTls>& to) { word(key, to, require_tls_of); }

  private:
    const json::value* find(std::string_view key) const { return object_.if_contains(key); }
    std::optional<std::string> text_of(std::string_view key) {
        const auto* value = find(key);
        if (value == nullptr) return std::nullopt;
        if (const auto* text = value->if_string()) return std::string(*text);
        wrong(key, "must be a string");
        return std::nullopt;
    }
    template <class Enum>
    void word(std::string_view key, std::optional<Enum>& to, std::optional<Enum> (*of)(std::string_view) noexcept) {
        const auto text = text_of(key);
        if (!text) return;
        to = of(*text);
        if (!to) wrong(key, fmt::format("'{}' is not one of its values", *text));
    }
    void wrong(std::string_view key, std::string_view what) {
        if (error_.empty()) error_ = fmt::format("{}: {}", key, what);
    }

    const json::object& object_;
    std::string& error_;
};

bool is_known(std::string_view key) {
#define OUTBOUND_KEY(type, name, ...) \
    if (key == #name) return true;
#include "engine/tls_policy/keys.def"
#undef OUTBOUND_KEY
    return false;
}

json::object object_of(std::string_view text) {
    boost::system::error_code failed;
    json::value value = json::parse({text.data(), text.size()}, failed);
    return !failed && value.is_object() ? std::move(value.get_object()) : json::object();
}

}  // namespace

ParsedKeys parse_rule_keys(std::string_view text) {
    ParsedKeys parsed;
    boost::system::error_code failed;
    const json::value value = json::parse({text.data(), text.size()}, failed);
    if (failed || !value.is_object()) {
        parsed.error = "expected a map of TLS keys";
        return parsed;
    }
    const json::object& object = value.get_object();
    for (const auto& [key, unused] : object) {
        if (is_known({key.data(), key.size()})) continue;
        parsed.error = fmt::format("'{}' is not a TLS key of delivery", std::string_view(key.data(), key.size()));
        return parsed;
    }
    KeyReader reader(object, parsed.error);
#define OUTBOUND_KEY(type, name, ...) reader.read(#name, parsed.keys.name);
#include "engine/tls_policy/keys.def"
#undef OUTBOUND_KEY
    for (const auto& pin : parsed.keys.pins.value_or(Strings()))
        if (!tls::parse_pin(pin)) parsed.error = fmt::format("pins: '{}' is not a digest such as \"sha256:HEX\"", pin);
    return parsed;
}

std::string merged(std::string_view under, std::string_view over) {
    if (under.empty() || over.empty()) return std::string(under.empty() ? over : under);
    json::object both = object_of(under);
    for (auto& [key, value] : object_of(over)) both[key] = std::move(value);
    return json::serialize(both);
}

}  // namespace sluice::tls_policy
