// A resolver pointed at a NameServer, and coroutines run to their end.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/dns/resolver_service.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/engine_dns/name_server.hpp"

namespace sluice::dns::test {

inline Name name(std::string_view text) {
    auto parsed = Name::parse(text);
    if (!parsed.ok()) ADD_FAILURE() << text << ' ' << to_string(parsed.error());
    return parsed.ok() ? parsed.value() : Name();
}

inline asio::ip::address ip(std::string_view text) { return asio::ip::make_address(std::string(text)); }

// Runs `work` on an io_context of its own.
template <typename T>
T run(asio::awaitable<T> work) {
    asio::io_context io;
    std::optional<T> result;
    asio::co_spawn(io, std::move(work), [&result](std::exception_ptr failed, T value) {
        if (!failed) result.emplace(std::move(value));
    });
    io.run();
    EXPECT_TRUE(result);
    if (!result) std::abort();
    return std::move(*result);
}

class ResolvingTest : public testing::Test {
  protected:
    // Patient, because machines that run tests are slow; tests of deadlines set their own.
    [[nodiscard]] Settings settings() const {
        Settings settings;
        settings.type = ResolverType::custom;
        settings.config.name_servers.push_back({server_.socket_addr()});
        settings.options = Options{.timeout = std::chrono::seconds(30), .use_hosts_file = false};
        return settings;
    }
    [[nodiscard]] std::shared_ptr<Resolver> open(Settings settings) { return service_->open(std::move(settings)); }
    [[nodiscard]] static Answer ask(Resolver& resolver, std::string_view text, RecordType type) {
        return run(resolver.query(name(text), type));
    }
    [[nodiscard]] std::string write(const std::string& file, const std::string& content) {
        std::ofstream(folder_ / file, std::ios::binary) << content;
        return folder_ / file;
    }
    [[nodiscard]] std::vector<std::string> problems() {
        const std::lock_guard lock(mutex_);
        return problems_;
    }

    NameServer server_;
    sluice::test::TemporaryDirectory folder_;
    std::mutex mutex_;
    std::vector<std::string> problems_;
    std::unique_ptr<ResolverService> service_ = std::make_unique<ResolverService>([this](const std::string& problem) {
        const std::lock_guard lock(mutex_);
        problems_.push_back(problem);
    });
};

}  // namespace sluice::dns::test
