// Which file `import "PATH"` means (vsl-rules.md 1.3). Pure text: no file is looked at, symbolic links are not
// followed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sluice::dsl {

// The file that `written` names: relative to `base_directory` (the directory of the root configuration, whatever file
// imports), absolute paths as they are; what follows the last dot of the last component is replaced by `.vsl`. `.`,
// `..` and doubled slashes are resolved, so that one file has one name. Nothing if the path names no file: empty,
// ending in
// `.` or `..`, or with a NUL in it.
[[nodiscard]] std::optional<std::string> resolve_import(std::string_view base_directory, std::string_view written);

}  // namespace sluice::dsl
