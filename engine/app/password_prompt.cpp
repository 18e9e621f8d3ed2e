#include "engine/app/password_prompt.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "engine/base/limits.hpp"

namespace sluice::app {

namespace {

constexpr char end_of_text = 3;  // what Ctrl-C gives while ISIG is off; ends a line here

// Echo off, and signals of the keyboard with it: a process that ends at Ctrl-C would leave the terminal without echo.
class SilentTerminal {
  public:
    SilentTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
        if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
        silent.c_lflag |= ICANON;
        silent.c_cc[VEOL] = end_of_text;
        ready_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
    }
    ~SilentTerminal() {
        if (ready_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

    [[nodiscard]] bool ready() const { return ready_; }
    [[nodiscard]] int descriptor() const { return descriptor_; }
    void write(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t count = ::write(descriptor_, text.data(), text.size());
            if (count < 0 && errno != EINTR)
                return;  // then the prompt is not seen, but nothing is wrong with the answer
            if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
        }
    }

  private:
    int descriptor_;
    termios before_{};
    bool ready_ = false;
};

enum class Until : std::uint8_t { line_end, end_of_file };

// At most the size of `buffer`; nullopt after an error of the descriptor.
std::optional<std::size_t> fill(int descriptor, sasl::Secret& buffer, Until until) {
    std::size_t size = 0;
    while (size < buffer.size()) {
        const ssize_t count = ::read(descriptor, buffer.data() + size, buffer.size() - size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::nullopt;
        if (count == 0) break;
        size += static_cast<std::size_t>(count);
        const char last = buffer.data()[size - 1];
        if (until == Until::line_end && (last == '\n' || last == end_of_text)) break;
    }
    return size;
}

// Room for the longest password, CRLF, and one octet that shows that there is more.
constexpr std::size_t room = limits::sasl_password + 3;

std::string too_long() { return fmt::format("the password has more than {} octets", limits::sasl_password); }

// Takes the line end off.
bool is_one_line(sasl::Secret& text) {
    auto size = text.size();
    if (size > 0 && text.view()[size - 1] == '\n') --size;
    if (size < text.size() && size > 0 && text.view()[size - 1] == '\r') --size;
    text.shorten(size);
    return text.view().find('\n') == std::string_view::npos;
}

std::optional<sasl::Secret> ask(const SilentTerminal& terminal, const std::string& question, std::string& why) {
    terminal.write(question);
    sasl::Secret answer(room);
    const auto size = fill(terminal.descriptor(), answer, Until::line_end);
    terminal.write("\n");
    answer.shorten(size.value_or(0));
    if (answer.empty() || answer.view().find(end_of_text) != std::string_view::npos) {
        why = "cancelled";
    } else if (is_one_line(answer); answer.size() > limits::sasl_password) {
        why = too_long();
    } else {
        return answer;
    }
    return std::nullopt;
}

}  // namespace

std::optional<sasl::Secret> ask_new_password(const std::string& user, std::string& why) {
    const SilentTerminal terminal;
    if (!terminal.ready()) {
        why = "there is no terminal to ask for the password";
        return std::nullopt;
    }
    auto first = ask(terminal, fmt::format("Password for {}: ", user), why);
    if (!first) return std::nullopt;
    const auto second = ask(terminal, "Again: ", why);
    if (!second) return std::nullopt;
    if (sasl::equal_in_constant_time(first->view(), second->view())) return first;
    why = "the passwords differ";
    return std::nullopt;
}

std::optional<sasl::Secret> read_password(std::string& why) {
    sasl::Secret text(room);
    const auto size = fill(STDIN_FILENO, text, Until::end_of_file);
    text.shorten(size.value_or(0));
    const bool one_line = is_one_line(text);
    if (text.empty()) {
        why = "there is no password on standard input";
    } else if (!one_line) {
        why = "there is more than one line on standard input";
    } else if (text.size() > limits::sasl_password) {
        why = too_long();
    } else {
        return text;
    }
    return std::nullopt;
}

}  // namespace sluice::app
