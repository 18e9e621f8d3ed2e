#include "engine/base/enhanced_code.hpp"

namespace sluice {

std::size_t enhanced_code_length(std::string_view text) noexcept {
    if (text.empty() || (text.front() != '2' && text.front() != '4' && text.front() != '5')) return 0;
    std::size_t at = 1;
    for (int part = 0; part < 2; ++part) {
        if (text.substr(at, 1) != ".") return 0;
        const std::size_t begin = ++at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        if (at == begin || at - begin > 3) return 0;
    }
    return at == text.size() || text[at] == ' ' || text[at] == '\r' || text[at] == '\n' ? at : 0;
}

}  // namespace sluice
