#include "engine/https/error.hpp"

namespace sluice::https {

std::string_view to_string(Fault fault) noexcept {
    switch (fault) {
        case Fault::request: return "request";
        case Fault::resolution: return "resolution";
        case Fault::connection: return "connection";
        case Fault::certificate: return "certificate";
        case Fault::tls: return "tls";
        case Fault::timeout: return "timeout";
        case Fault::response: return "response";
        case Fault::redirect: return "redirect";
        case Fault::status: return "status";
        case Fault::content_type: return "content_type";
        case Fault::too_large: return "too_large";
    }
    return {};
}

}  // namespace sluice::https
