// The Language Server Protocol (3.17): one JSON-RPC message in, answers and notifications out. Knows nothing of pipes.
// Whatever comes in, an answer goes out or nothing does; a message never ends the server but for `exit`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "dsl/lsp/workspace.hpp"

namespace sluice::dsl::lsp {

class Server {
  public:
    using Send = std::function<void(const std::string& message)>;
    Server(std::string version, SavedCheck saved_check, const NativeTable& test_library, Send send);

    void handle(std::string_view message);
    [[nodiscard]] bool exited() const noexcept { return state_ == State::exited; }
    // 0 after `shutdown`, else 1.
    [[nodiscard]] int exit_code() const noexcept { return clean_ ? 0 : 1; }

  private:
    enum class State { created, running, shut_down, exited };
    using Params = boost::json::object;
    struct Failure {
        int code;
        std::string message;
    };

    void handle_object(const boost::json::object& message);
    [[nodiscard]] boost::json::value request(std::string_view method, const Params& params);
    void notification(std::string_view method, const Params& params);
    void answer(const boost::json::value& id, boost::json::value result);
    void fail(const boost::json::value& id, const Failure& failure);
    void notify(std::string_view method, boost::json::object params);

    [[nodiscard]] boost::json::value initialize(const Params& params);
    [[nodiscard]] boost::json::value hover(const Params& params);
    [[nodiscard]] boost::json::value completion(const Params& params);
    [[nodiscard]] boost::json::value definition(const Params& params);
    [[nodiscard]] boost::json::value formatting(const Params& params);
    void did_open(const Params& params);
    void did_change(const Params& params);
    void did_save(const Params& params);
    void did_close(const Params& params);

    [[nodiscard]] Document& document(const Params& params);
    void publish(const Document& document, bool saved);
    void publish_importers(const Document* changed);  // null: one that is closed

    std::string version_;
    Workspace workspace_;
    Send send_;
    State state_ = State::created;
    bool clean_ = false;
    std::map<std::string, std::vector<Problem>> shown_;  // by URI
    std::map<std::string, boost::json::value> versions_;
};

}  // namespace sluice::dsl::lsp
