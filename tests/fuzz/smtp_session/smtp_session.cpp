// Whole sessions, everything pipelined: MAIL, RCPT, DATA, BDAT, RSET in any order, with chunks that may look like
// commands. A plain model of RFC 5321 and RFC 3030 says what each is answered and which messages are stored; a session
// that takes one octet of a chunk for a command, or the other way round, gets out of step with it.
//
// The first byte chooses the policy for bare newlines and how the input is cut; then one byte a command, for BDAT
// followed by its size and its octets.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/smtp/session.hpp"
#include "tests/unit/engine_smtp/fakes.hpp"

namespace {

using namespace sluice;
using namespace sluice::smtp;

constexpr std::size_t size_limit = 60;

void require(bool condition) {
    if (!condition) std::abort();
}

// A client that has said everything before the session begins.
class Recording final : public tls::Link {
  public:
    Recording(asio::any_io_executor executor, std::string input, std::size_t step, std::string& output)
        : executor_(std::move(executor)), input_(std::move(input)), step_(step), output_(output) {}

    asio::awaitable<tls::IoResult> read_some(std::span<char> into, Clock::time_point) override {
        const std::size_t count = std::min({into.size(), step_, input_.size() - at_});
        if (count == 0) co_return tls::IoResult{tls::IoStatus::closed, 0};
        std::copy_n(input_.begin() + static_cast<std::ptrdiff_t>(at_), count, into.begin());
        at_ += count;
        co_return tls::IoResult{tls::IoStatus::ok, count};
    }
    asio::awaitable<tls::IoResult> write_all(std::string_view bytes, Clock::time_point) override {
        output_ += bytes;
        co_return tls::IoResult{tls::IoStatus::ok, bytes.size()};
    }
    bool can_handshake(const tls::ServerSnapshot*) const noexcept override { return false; }
    asio::awaitable<tls::HandshakeResult> handshake(std::shared_ptr<const tls::ServerSnapshot>,
                                                    const tls::ListenerPolicy&, std::chrono::milliseconds,
                                                    bool) override {
        std::abort();
    }
    bool secured() const noexcept override { return false; }
    bool readable_now() override { return at_ < input_.size(); }
    void close() noexcept override {}
    void cancel() noexcept override {}
    asio::any_io_executor executor() override { return executor_; }
    asio::ip::tcp::endpoint peer() const noexcept override { return {}; }
    asio::ip::tcp::endpoint local() const noexcept override { return {}; }

  private:
    asio::any_io_executor executor_;
    std::string input_;
    std::size_t at_ = 0;
    std::size_t step_;
    std::string& output_;
};

// What a client says, and what has to come of it.
class Script {
  public:
    explicit Script(BareNewline policy) : policy_(policy) {}

    void play(std::string_view bytes) {
        while (!bytes.empty() && !closed_) {
            const unsigned choice = static_cast<unsigned char>(bytes.front());
            bytes.remove_prefix(1);
            play_one(choice, bytes);
        }
        if (!closed_) say("NOOP", 250);
        if (!closed_) say("QUIT", 221);
    }

    std::string input;
    std::vector<int> replies{220};
    std::vector<std::string> stored;

  private:
    enum class State { fresh, ready, mail, rcpt, bdat };

    void say(std::string_view line, int reply) {
        input += line;
        input += "\r\n";
        replies.push_back(reply);
    }
    [[nodiscard]] bool takes_rcpt() const { return state_ == State::mail || state_ == State::rcpt; }
    void end_transaction() {
        if (state_ != State::fresh) state_ = State::ready;
        any_rcpt_ = false;
        chunks_.clear();
    }

    void play_one(unsigned choice, std::string_view& bytes) {
        switch (choice % 12) {
            case 0:
                say("EHLO x", 250);
                state_ = State::ready;
                return end_transaction();
            case 1:
                say("MAIL FROM:<a@x.test>", state_ == State::ready ? 250 : 503);
                if (state_ == State::ready) state_ = State::mail;
                return;
            case 2:
                say("RCPT TO:<yes@y.test>", takes_rcpt() ? 250 : 503);
                any_rcpt_ = any_rcpt_ || takes_rcpt();
                if (takes_rcpt()) state_ = State::rcpt;
                return;
            case 3:
                say("RCPT TO:<no@y.test>", takes_rcpt() ? 554 : 503);
                any_rcpt_ = any_rcpt_ || takes_rcpt();
                return;
            case 4: return data();
            case 5: say("RSET", 250); return end_transaction();
            case 6: return say("NOOP", 250);
            case 7:
                say("BDAT x", 501);
                closed_ = true;
                return;
            default: return bdat((choice & 0x80) != 0, bytes);
        }
    }

    [[nodiscard]] int no_message() const { return state_ == State::mail && any_rcpt_ ? 554 : 503; }

    void data() {
        if (state_ != State::rcpt) return say("DATA", no_message());
        say("DATA", 354);
        say("text\r\n.", 250);
        stored.push_back("text\r\n");
        end_transaction();
    }

    void bdat(bool last, std::string_view& bytes) {
        const std::size_t announced = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front()) % 40;
        bytes.remove_prefix(std::min<std::size_t>(1, bytes.size()));
        std::string octets(bytes.substr(0, announced));
        bytes.remove_prefix(octets.size());
        octets.resize(announced, '.');
        input += "BDAT " + std::to_string(announced) + (last ? " LAST\r\n" : "\r\n") + octets;
        if (state_ != State::rcpt && state_ != State::bdat) return replies.push_back(no_message());
        state_ = State::bdat;
        chunks_ += octets;
        const int reply = judged(last);
        replies.push_back(reply);
        if (reply == 250 && last) stored.push_back(normalized(last));
        if (reply != 250 || last) end_transaction();
    }

    // Without the CR at the end if its LF may still come.
    [[nodiscard]] std::string_view complete(bool last) const {
        const std::string_view all = chunks_;
        return !last && all.ends_with('\r') ? all.substr(0, all.size() - 1) : all;
    }
    [[nodiscard]] std::string normalized(bool last) const {
        std::string out;
        const std::string_view all = complete(last);
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i] != '\r' && all[i] != '\n') {
                out += all[i];
                continue;
            }
            out += "\r\n";
            if (all.substr(i, 2) == "\r\n") ++i;
        }
        if (last && !out.empty() && !out.ends_with("\r\n")) out += "\r\n";
        return out;
    }
    [[nodiscard]] int judged(bool last) const {
        if (chunks_.size() > size_limit) return 552;
        const std::string_view all = complete(last);
        for (std::size_t i = 0; i < all.size() && policy_ == BareNewline::reject; ++i) {
            if (all[i] == '\n' && (i == 0 || all[i - 1] != '\r')) return 550;
            if (all[i] == '\r' && (i + 1 == all.size() || all[i + 1] != '\n')) return 550;
        }
        return normalized(last).size() > size_limit ? 552 : 250;
    }

    BareNewline policy_;
    State state_ = State::fresh;
    bool any_rcpt_ = false;
    bool closed_ = false;
    std::string chunks_;
};

std::vector<int> codes_of(std::string_view output) {
    std::vector<int> codes;
    while (!output.empty()) {
        const std::size_t end = output.find("\r\n");
        require(end != std::string_view::npos && end >= 3);
        const std::string line(output.substr(0, end));
        if (line.size() == 3 || line[3] == ' ') codes.push_back(std::stoi(line.substr(0, 3)));
        output.remove_prefix(end + 2);
    }
    return codes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const unsigned choice = data[0];
    Settings settings;
    settings.bare_newline = (choice & 1) != 0 ? BareNewline::normalize : BareNewline::reject;
    settings.early_talker = EarlyTalker::accept;  // everything is pipelined
    settings.message_size_limit = size_limit;
    settings.error = {.soft_count = -1, .hard_count = -1};
    Script script(settings.bare_newline);
    script.play(bytes.substr(1, 4000));

    const auto rules = std::make_shared<smtp::test::ScriptedRules>();
    rules->rules[Stage::rcpt] = [](SessionFacts&, Transaction* transaction) {
        const bool wanted = transaction->recipients.back().address.local_part == "yes";
        return wanted ? Verdict::accept() : Verdict::deny();
    };
    smtp::test::MemorySink sink;
    smtp::test::EventList events;
    asio::io_context io(1);
    std::string output;
    Session session(std::make_unique<Recording>(io.get_executor(), script.input, 1 + (choice >> 1), output),
                    {.snapshot = std::make_shared<const Snapshot>(
                         Snapshot{std::make_shared<const Settings>(settings), rules, nullptr, nullptr, {}}),
                     .sink = sink,
                     .observer = events});
    asio::co_spawn(io, session.run(), asio::detached);
    io.run();

    require(codes_of(output) == script.replies);
    require(sink.stored().size() == script.stored.size());
    for (std::size_t i = 0; i < script.stored.size(); ++i) {
        require(*sink.stored()[i].messages.at(0).transaction.message == script.stored[i]);
    }
    return 0;
}
