#include "engine/watch/request_json.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace sluice::watch {

bool read_request(std::string_view json, std::initializer_list<std::pair<std::string_view, std::string*>> texts,
                  Form& form, std::uint64_t& count) {
    error_code error;
    const auto value = boost::json::parse(json, error);
    if (error || !value.is_object()) return false;
    for (const auto& [key, given] : value.as_object()) {
        const std::string_view name = key;
        const auto* text = std::find_if(texts.begin(), texts.end(), [&](const auto& t) { return t.first == name; });
        if (text != texts.end() && given.is_string())
            *text->second = std::string(given.as_string());
        else if (name == "json" && given.is_bool())
            form = given.as_bool() ? Form::json : Form::text;
        else if (name == "count" && given.is_number())
            count = given.to_number<std::uint64_t>(error);
        else
            return false;
    }
    return !error;
}

}  // namespace sluice::watch
