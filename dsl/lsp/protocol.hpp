// Between the JSON of the protocol and what the features give.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "dsl/lsp/features.hpp"

namespace sluice::dsl::lsp {

// Thrown where a message lacks something.
struct InvalidParams {
    std::string what;
};

[[nodiscard]] const boost::json::object& object_of(const boost::json::object& params, std::string_view key);
[[nodiscard]] std::string text_of(const boost::json::object& params, std::string_view key);
[[nodiscard]] Place place_of(const boost::json::object& position);
[[nodiscard]] Range range_of(const boost::json::object& range);

[[nodiscard]] boost::json::object to_json(const Range& range);
[[nodiscard]] boost::json::object to_json(const Problem& problem);
[[nodiscard]] boost::json::object to_json(const Item& item);

}  // namespace sluice::dsl::lsp
