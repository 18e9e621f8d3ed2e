// Reading files of other products: their text with places, and errors as the scripts of this server have them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "dsl/diag/diagnostic.hpp"
#include "engine/migrate/report.hpp"

namespace sluice::migrate {

// Null after an error that cannot be read; then `why` says so.
[[nodiscard]] dsl::SourcePtr read_file(const std::filesystem::path& path, const std::string& shown, std::string& why);

// The same; the error goes to `diagnostics`.
[[nodiscard]] dsl::SourcePtr read_file(const std::filesystem::path& path, const std::string& shown,
                                       dsl::Diagnostics& diagnostics);

[[nodiscard]] Place place_of(const dsl::SourceFile& source, std::uint32_t offset);

void syntax_error(dsl::Diagnostics& diagnostics, const dsl::SourcePtr& source, std::uint32_t at,
                  std::string_view message, std::string_view hint);

}  // namespace sluice::migrate
