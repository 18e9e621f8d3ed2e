// What `sluice trace` and `sluice shadow` send behind their name on the request line of the control socket: a JSON
// object. Besides texts of its own, each request has
//
//   json    bool: the answer is JSON
//   count   number: ends after so many stage runs or comparisons; 0: never
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "engine/watch/line_stream.hpp"

namespace sluice::watch {

// The texts by their keys; what is not there stays as it is. False: this is no such object, or it has other members.
[[nodiscard]] bool read_request(std::string_view json,
                                std::initializer_list<std::pair<std::string_view, std::string*>> texts, Form& form,
                                std::uint64_t& count);

}  // namespace sluice::watch
