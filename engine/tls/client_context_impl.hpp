// The SSL_CTX behind client_context.hpp. Private to engine/tls.
#pragma once

#include <openssl/base.h>
#include <openssl/ssl.h>

#include <memory>
#include <utility>

#include "engine/tls/client_context.hpp"
#include "engine/tls/credential.hpp"

namespace sluice::tls {

class ClientContext {
  public:
    ClientContext(bssl::UniquePtr<SSL_CTX> context, std::shared_ptr<const Credential> credential)
        : credential_(std::move(credential)), context_(std::move(context)) {}
    [[nodiscard]] SSL_CTX* get() const noexcept { return context_.get(); }

  private:
    std::shared_ptr<const Credential> credential_;  // before the context, whose chain is in its pool
    bssl::UniquePtr<SSL_CTX> context_;
};

}  // namespace sluice::tls
