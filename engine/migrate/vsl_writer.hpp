// The model as vSL: parts for conf.d and the configurations of domains, as `sluice fmt` leaves them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/migrate/model.hpp"

namespace sluice::migrate {

struct File {
    std::string path;  // below the configuration directory: "conf.d/momentum-listeners.vsl"
    std::string text;
};

// `product` names the parts ("momentum"), `source` stands in their first line.
[[nodiscard]] std::vector<File> write_vsl(const Model& model, std::string_view product, std::string_view source);

// A text as a string literal of vSL. Bytes that are not UTF-8 are taken for Latin-1.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace sluice::migrate
