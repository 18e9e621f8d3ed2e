// A saslauthd that knows one user.
#pragma once

#include <sys/socket.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <string>
#include <thread>

#include "engine/base/asio.hpp"

namespace sluice::conformance {

class Saslauthd {
  public:
    // Listens when this returns. Both are shorter than 256 octets.
    Saslauthd(const std::string& path, const std::string& user, const std::string& password)
        : acceptor_(context_, asio::local::stream_protocol::endpoint(path)),
          right_(counted(user) + counted(password) + counted("smtp") + counted("")) {
        thread_ = std::thread([this] {
            while (serve()) {
            }
        });
    }
    ~Saslauthd() {
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        thread_.join();
    }

  private:
    static std::string counted(const std::string& text) {
        return std::string{'\0', static_cast<char>(text.size())} + text;
    }

    bool serve() {
        asio::local::stream_protocol::socket client(context_);
        error_code error;
        acceptor_.accept(client, error);
        if (error) return false;
        std::string request;
        for (int field = 0; field < 4; ++field) {
            std::string size(2, '\0');
            asio::read(client, asio::buffer(size), error);
            std::string text(static_cast<unsigned char>(size[1]), '\0');
            asio::read(client, asio::buffer(text), error);
            request += size + text;
        }
        const std::string answer(request == right_ ? "\0\2OK" : "\0\2NO", 4);
        asio::write(client, asio::buffer(answer), error);
        return true;
    }

    asio::io_context context_;
    asio::local::stream_protocol::acceptor acceptor_;
    std::string right_;
    std::thread thread_;
};

}  // namespace sluice::conformance
