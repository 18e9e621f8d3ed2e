// A client, a server and a DNS for one test; certificates signed by an authority of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/dns/fake_resolver.hpp"
#include "engine/https/client.hpp"
#include "tests/unit/engine_https/https_server.hpp"
#include "tests/unit/engine_tls/test_files.hpp"

namespace sluice::https {

inline dns::Name dns_name(std::string_view text) { return dns::Name::parse(text).value(); }

// An authority that signs certificates with the openssl program.
class Authority {
  public:
    Authority(const tls::TestFiles& files, const std::string& name) : files_(files), name_(name) {
        files.run("openssl req -x509 -nodes -days 30 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=" + name +
                  " -addext basicConstraints=critical,CA:TRUE -keyout " + name + ".key -out " + name + ".pem");
    }

    // A certificate for the name, with "subjectAltName=DNS:HOST" or any other extension; `validity` goes to openssl.
    [[nodiscard]] tls::CertificatePair sign(const std::string& name, const std::string& extension,
                                            const std::string& validity = "-days 30") const {
        const std::string file = files_.path(name);
        files_.run("openssl req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=" + name +
                   " -keyout " + file + ".key -out " + file + ".csr && echo " + extension + " >" + file +
                   ".ext && openssl x509 -req -in " + file + ".csr -CA " + name_ + ".pem -CAkey " + name_ +
                   ".key -CAcreateserial -extfile " + file + ".ext " + validity + " -out " + file + ".pem");
        return {file + ".pem", file + ".key"};
    }

    [[nodiscard]] std::shared_ptr<const tls::TrustStore> trust() const {
        tls::TrustStore::Loaded loaded = tls::TrustStore::load(files_.path(name_ + ".pem"), {}, {});
        EXPECT_TRUE(loaded.store) << tls::texts_of(loaded.problems);
        return loaded.store;
    }

  private:
    const tls::TestFiles& files_;
    std::string name_;
};

class HttpsTest : public testing::Test {
  protected:
    // A server that shows this certificate under any name.
    HttpsServer& serve(const tls::CertificatePair& certificate, HttpsServer::Answer answer) {
        tls::DomainSettings domain = tls::domain_of("default", {certificate});
        domain.is_default = true;
        tls::RootSettings root;
        root.default_for_unknown_sni = true;
        auto loaded = tls::load_with({domain}, root);
        EXPECT_TRUE(loaded.snapshot) << tls::texts_of(loaded.problems);
        server_ = std::make_unique<HttpsServer>(io_, loaded.snapshot, std::move(answer));
        return *server_;
    }

    // Runs to the end, then stops the server: nothing may be left that waits.
    template <typename T>
    T run(asio::awaitable<T> work) {
        std::optional<T> result;
        const auto all = [&]() -> asio::awaitable<void> {
            result.emplace(co_await std::move(work));
            if (server_) server_->stop();
        };
        asio::co_spawn(io_, all(), [](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
        io_.run();
        io_.restart();
        return std::move(*result);
    }

    void address(std::string_view host, std::vector<std::string> addresses) {
        std::vector<dns::Record> records;
        for (const std::string& each : addresses) records.emplace_back(asio::ip::make_address(each));
        resolver_->set(dns_name(host), dns::RecordType::a, std::move(records));
    }

    asio::io_context io_;
    tls::TestFiles files_;
    Authority authority_{files_, "authority"};
    std::shared_ptr<dns::FakeResolver> resolver_ = std::make_shared<dns::FakeResolver>();
    std::unique_ptr<HttpsServer> server_;
};

}  // namespace sluice::https
