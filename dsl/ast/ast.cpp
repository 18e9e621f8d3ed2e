#include <cstring>

#include "dsl/ast/nodes.hpp"

namespace sluice::dsl::ast {

std::string_view Ast::text(std::string_view s) {
    if (s.empty()) return "";
    auto* to = static_cast<char*>(arena_.allocate(s.size(), 1));
    std::memcpy(to, s.data(), s.size());
    return {to, s.size()};
}

std::string joined(List<Segment> segments) {
    std::string text;
    for (const auto& segment : segments) text += (text.empty() ? "" : "::") + std::string(segment.name);
    return text;
}

}  // namespace sluice::dsl::ast
