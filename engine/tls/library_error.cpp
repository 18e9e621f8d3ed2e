#include "engine/tls/library_error.hpp"

#include <openssl/err.h>

namespace sluice::tls {

namespace {

class BoringSslCategory : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "boringssl"; }
    std::string message(int value) const override {
        const char* reason = ERR_reason_error_string(static_cast<std::uint32_t>(value));
        return reason != nullptr ? reason : "unknown error";
    }
};

const BoringSslCategory kCategory;

}  // namespace

error_code take_library_error() {
    const std::uint32_t packed = ERR_get_error();
    ERR_clear_error();
    if (packed == 0) return {};
    return {static_cast<int>(packed), kCategory};
}

std::string reason_text(const error_code& code) { return code.message(); }

std::string take_reason() {
    const error_code code = take_library_error();
    return code ? code.message() : "unknown error";
}

}  // namespace sluice::tls
