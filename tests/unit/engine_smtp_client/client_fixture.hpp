// A client and a scripted server on one io_context; mails with few words.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/engine_smtp_client/scripted_server.hpp"

namespace sluice::smtp_client {

// Owns what a Mail borrows.
class OwnMail {
  public:
    OwnMail(std::vector<std::string> recipients, std::vector<std::string> content)
        : names_(std::move(recipients)), texts_(std::move(content)) {
        for (const std::string& name : names_) recipients_.push_back({.forward_path = name});
        for (const std::string& text : texts_) pieces_.push_back(text);
        mail.reverse_path = "sender@here.test";
        mail.recipients = recipients_;
        mail.content = pieces_;
    }
    OwnMail(const OwnMail&) = delete;
    OwnMail& operator=(const OwnMail&) = delete;

    Recipient& recipient(std::size_t i) { return recipients_[i]; }

    Mail mail;

  private:
    std::vector<std::string> names_;
    std::vector<std::string> texts_;
    std::vector<Recipient> recipients_;
    std::vector<std::string_view> pieces_;
};

inline const std::string kText = "Subject: hello\r\n\r\nWorld\r\n";

inline Options clear_options(Protocol protocol = Protocol::smtp) {
    Options options;
    options.protocol = protocol;
    options.hello_name = "client.test";
    options.host_name = "peer.test";
    options.tls.mode = TlsMode::none;
    return options;
}

inline Options tls_options(TlsMode mode) {
    Options options = clear_options();
    options.tls.mode = mode;
    options.tls.context = tls::make_client_context({}).context;
    return options;
}

struct Outcome {
    std::optional<OpenFailure> failure;
    std::vector<RecipientResult> results;
    bool reusable = false;
    std::vector<RecipientResult> second;  // of a second, plain mail, if the connection was reusable
    std::string fallback;
};

using Results = std::vector<RecipientResult>;

class ClientTest : public ::testing::Test {
  protected:
    // Opens, sends the mail, and if the connection is reusable then a second one; says QUIT.
    Outcome deliver(ScriptedServer& server, const Options& options, const Mail& mail) {
        return run_with(io_, server, conversation(server, options, mail));
    }
    Outcome deliver(Script script, const Options& options, const Mail& mail) {
        server_ = std::make_unique<ScriptedServer>(io_, std::move(script));
        return deliver(*server_, options, mail);
    }
    ScriptedServer& server() { return *server_; }

    asio::awaitable<Outcome> conversation(ScriptedServer& server, Options options, const Mail& mail) {
        Connection connection(io_.get_executor());
        Outcome outcome;
        outcome.failure = co_await connection.open(server.endpoint(), options);
        outcome.fallback = connection.fallback_reason();
        outcome.results = co_await connection.send(mail);
        outcome.reusable = connection.reusable();
        if (outcome.reusable) {
            const OwnMail again({"second@there.test"}, {"again\r\n"});
            outcome.second = co_await connection.send(again.mail);
        }
        co_await connection.quit();
        co_return outcome;
    }

    // Runs a coroutine that uses `server()`.
    template <typename T>
    T run(Script script, std::function<asio::awaitable<T>(ScriptedServer&)> coroutine) {
        server_ = std::make_unique<ScriptedServer>(io_, std::move(script));
        return run_with(io_, *server_, coroutine(*server_));
    }

    asio::io_context io_;

  private:
    std::unique_ptr<ScriptedServer> server_;
};

}  // namespace sluice::smtp_client
