// Bytes of a server -> replies -> what becomes of a mail. The first byte chooses how the rest is cut and what kind of
// mail and server it is. Checked: the reader against a second one that is slow and plain, however the bytes are cut;
// and that each recipient has exactly one result, which agrees with the replies.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/limits.hpp"
#include "engine/smtp_client/dialogue.hpp"
#include "engine/smtp_client/reply.hpp"
#include "engine/smtp_client/transaction.hpp"

namespace {

using namespace sluice;
using namespace sluice::smtp_client;

void require(bool condition) {
    if (!condition) std::abort();
}

struct Parsed {
    std::vector<Reply> replies;
    bool malformed = false;
};

Parsed read(std::string_view bytes, std::size_t step) {
    ReplyReader reader;
    Parsed parsed;
    while (!bytes.empty() && !parsed.malformed) {
        const std::span<char> space = reader.space();
        require(!space.empty());
        const std::size_t count = std::min({bytes.size(), step, space.size()});
        std::copy_n(bytes.begin(), count, space.begin());
        reader.filled(count);
        bytes.remove_prefix(count);
        Reply reply;
        for (auto input = reader.next(reply); input != ReplyReader::Input::need_more; input = reader.next(reply)) {
            parsed.malformed = input == ReplyReader::Input::malformed;
            if (parsed.malformed) break;
            parsed.replies.push_back(reply);
        }
    }
    require(reader.rest().find_first_of("\r\n") == std::string_view::npos);
    return parsed;
}

// reply.hpp read literally, for bytes that are all there.
Parsed model(std::string_view bytes) {
    Parsed parsed;
    std::string text;
    std::size_t lines = 0;
    for (;;) {
        const std::size_t end = bytes.find('\n');
        if (std::min(end + 1, bytes.size()) > limits::client_reply_line ||
            (end == bytes.npos && bytes.size() >= limits::client_reply_line)) {
            parsed.malformed = true;
            return parsed;
        }
        if (end == std::string_view::npos) return parsed;
        std::string line(bytes.substr(0, end));
        bytes.remove_prefix(end + 1);
        if (!line.empty() && line.back() == '\r') line.pop_back();
        const bool valid = line.size() >= 3 && std::string_view("2345").find(line[0]) != std::string_view::npos &&
                           std::isdigit(static_cast<unsigned char>(line[1])) != 0 &&
                           std::isdigit(static_cast<unsigned char>(line[2])) != 0 &&
                           (line.size() == 3 || line[3] == ' ' || line[3] == '-');
        text += (lines++ > 0 ? "\n" : "") + line;
        if (!valid || lines > limits::client_reply_lines || text.size() > limits::client_reply) {
            parsed.malformed = true;
            return parsed;
        }
        if (line.size() > 3 && line[3] == '-') continue;
        parsed.replies.push_back({std::stoi(line.substr(0, 3)), text});
        text.clear();
        lines = 0;
    }
}

void check_result(const RecipientResult& result) {
    require(!result.status.empty());
    const char klass = result.kind == Kind::delivered ? '2' : result.kind == Kind::temporary ? '4' : '5';
    require(result.status.front() == klass);
    if (result.kind == Kind::delivered) require(result.remote_said() && result.command == Command::final_dot);
}

// The replies as answers to one mail, as connection.cpp goes about it.
void play(const std::vector<Reply>& replies, const Extensions& extensions, Protocol protocol, std::size_t recipients) {
    const std::vector<Recipient> to(recipients, Recipient{.forward_path = "a@b.test"});
    const std::string_view content = "x\r\n";
    Mail mail;
    mail.recipients = to;
    mail.content = {&content, 1};
    Transaction transaction(mail, extensions, protocol, recipients % 2 == 0);
    auto next = replies.begin();
    const RecipientResult cut = own_result(Cause::connection_lost, Command::mail, "4.4.2", "cut");
    bool over = false;
    while (!over) {
        if (!transaction.waiting()) {
            if (!transaction.wants_batch()) break;
            require(transaction.next_batch().ends_with("\r\n"));
        }
        over = next == replies.end() || !transaction.apply(*next) || next->closing();
        if (!over) ++next;
    }
    for (std::size_t i = 0; !over && transaction.has_accepted() && i < transaction.final_replies(); ++i) {
        over = next == replies.end() || !transaction.apply_final(*next, i) || next->closing();
        if (!over) ++next;
    }
    require(over || !transaction.undecided());
    transaction.decide_rest(cut);
    const std::vector<RecipientResult> results = transaction.take_results();
    require(results.size() == recipients);
    for (const RecipientResult& each : results) check_result(each);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const unsigned choice = data[0];
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const Parsed wanted = model(bytes);
    const std::array<std::size_t, 3> steps = {1 + choice % 7, 100 + choice, 1u << 20u};
    for (const std::size_t step : steps) {
        const Parsed parsed = read(bytes, step);
        require(parsed.malformed == wanted.malformed && parsed.replies.size() == wanted.replies.size());
        for (std::size_t i = 0; i < parsed.replies.size(); ++i) {
            require(parsed.replies[i].code == wanted.replies[i].code);
            require(parsed.replies[i].text == wanted.replies[i].text);
        }
    }
    Extensions extensions;
    for (const Reply& reply : wanted.replies) {
        extensions = Extensions::parse(reply.text);
        (void)result_of(reply, Command::rcpt);
    }
    extensions.pipelining = (choice & 1) != 0;
    extensions.chunking = false;
    extensions.size_limit = 0;
    play(wanted.replies, extensions, (choice & 2) != 0 ? Protocol::lmtp : Protocol::smtp, 1 + choice / 4 % 5);
    return 0;
}
