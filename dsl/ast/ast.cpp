#include <cstring>

#include "dsl/ast/nodes.hpp"

namespace sluice::dsl::ast {

std::string_view Ast::text(std::string_view s) {
    if (s.empty()) return "";
    auto* to = static_cast<char*>(arena_.allocate(s.size(), 1));
    std::memcpy(to, s.data(), s.size());
    return {to, s.size()};
}

}  // namespace sluice::dsl::ast
