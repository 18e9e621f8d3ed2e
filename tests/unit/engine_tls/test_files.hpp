// Certificates, keys and a temporary directory for the tests of engine/tls.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/tls/self_signed.hpp"
#include "engine/tls/server_snapshot.hpp"
#include "tests/support/temporary_directory.hpp"

namespace sluice::tls {

class TestFiles {
  public:
    [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }
    [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path(name)) << text;
        return path(name);
    }
    [[nodiscard]] static std::string read(const std::string& file) {
        std::stringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }

    // NAME.pem and NAME.key
    CertificatePair self_signed(const std::string& name, std::vector<std::string> dns_names,
                                SelfSignedKey key = SelfSignedKey::ec_p256) const {
        SelfSignedRequest request;
        request.dns_names = std::move(dns_names);
        request.key = key;
        const SelfSignedResult result = make_self_signed(request);
        if (!result.made) std::abort();
        CertificatePair pair{path(name + ".pem"), path(name + ".key")};
        if (!store_certificate(*result.made, pair.certificate, pair.private_key).empty()) std::abort();
        return pair;
    }
    // The same with the openssl program, for what sluice does not make: "-newkey ed25519", "-newkey rsa:1024".
    CertificatePair with_openssl(const std::string& name, const std::string& new_key,
                                 const std::string& dns_name) const {
        CertificatePair pair{path(name + ".pem"), path(name + ".key")};
        const std::string command = "openssl req -x509 -nodes -days 30 -subj /CN=" + dns_name +
                                    " -addext subjectAltName=DNS:" + dns_name + " " + new_key + " -out " +
                                    pair.certificate + " -keyout " + pair.private_key;
        run(command);
        return pair;
    }
    void run(const std::string& command) const {
        const std::string quiet = "cd " + directory_.path().string() + " && { " + command + "; } >log 2>&1";
        if (std::system(quiet.c_str()) != 0) FAIL() << command << "\n" << read(path("log"));
    }

  private:
    test::TemporaryDirectory directory_;
};

inline DomainSettings domain_of(const std::string& name, std::vector<CertificatePair> certificates,
                                std::vector<std::string> server_names = {}) {
    DomainSettings domain;
    domain.domain = name;
    domain.certificates = std::move(certificates);
    domain.server_names = std::move(server_names);
    domain.origin = {"domain-enabled/" + name + "/config.vsl", 3, 5};
    return domain;
}

inline ServerSnapshot::Loaded load_with(const std::vector<DomainSettings>& domains, const RootSettings& root = {}) {
    return ServerSnapshot::load(root, domains, make_ticket_keys(std::chrono::hours(12)));
}

inline std::vector<std::string> codes_of(const std::vector<Problem>& problems) {
    std::vector<std::string> codes;
    for (const Problem& problem : problems) codes.push_back(problem.code);
    return codes;
}

inline std::string texts_of(const std::vector<Problem>& problems) {
    std::string all;
    for (const Problem& problem : problems) {
        all += problem.code + " " + problem.text + " | " + problem.hint + " [" + problem.origin.file + "]\n";
    }
    return all;
}

}  // namespace sluice::tls
