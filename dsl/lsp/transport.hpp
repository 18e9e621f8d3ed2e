// Messages on a stream: headers as in HTTP, one of them Content-Length, an empty line, so many bytes.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "dsl/lsp/server.hpp"

namespace sluice::dsl::lsp {

void write_message(std::ostream& out, const std::string& message);

// `test_library`: what tests of rules (*.test.vsl) may call. Until `exit` or the end of the input. Exit code of the
// process: 0 after `shutdown`, else 1.
int serve(std::istream& in, std::ostream& out, const std::string& version, SavedCheck saved_check,
          const NativeTable& test_library);

}  // namespace sluice::dsl::lsp
