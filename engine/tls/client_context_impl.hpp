// The SSL_CTX behind client_context.hpp. Private to engine/tls.
#pragma once

#include <openssl/base.h>
#include <openssl/ssl.h>

#include <utility>

#include "engine/tls/client_context.hpp"

namespace sluice::tls {

class ClientContext {
  public:
    explicit ClientContext(bssl::UniquePtr<SSL_CTX> context) : context_(std::move(context)) {}
    [[nodiscard]] SSL_CTX* get() const noexcept { return context_.get(); }

  private:
    bssl::UniquePtr<SSL_CTX> context_;
};

}  // namespace sluice::tls
