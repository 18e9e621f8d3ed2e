#include "engine/dns/resolv_conf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/dns/text_lines.hpp"

namespace sluice::dns {

namespace {

std::optional<int> number_after(std::string_view word, std::string_view prefix, int cap) {
    if (!word.starts_with(prefix)) return std::nullopt;
    word.remove_prefix(prefix.size());
    int value = 0;
    const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failed != std::errc() || end != word.data() + word.size() || value < 0) return std::nullopt;
    return std::min(value, cap);
}

// False if the option is one of ours and its value cannot be read.
bool read_option(std::string_view word, ResolvConf& conf) {
    if (const auto ndots = number_after(word, "ndots:", 15)) {
        conf.ndots = static_cast<std::size_t>(*ndots);
    } else if (const auto timeout = number_after(word, "timeout:", 30); timeout && *timeout > 0) {
        conf.timeout = std::chrono::seconds(*timeout);
    } else if (const auto attempts = number_after(word, "attempts:", 5); attempts && *attempts > 0) {
        conf.attempts = *attempts;
    } else if (word == "rotate") {
        conf.rotate = true;
    } else {
        return !word.starts_with("ndots:") && !word.starts_with("timeout:") && !word.starts_with("attempts:");
    }
    return true;
}

}  // namespace

ResolvConf parse_resolv_conf(std::string_view text) {
    ResolvConf conf;
    for_each_line(text, [&conf](std::size_t number, std::string_view line) {
        const auto words = words_of(line, "#;");
        if (words.empty()) return;
        const auto complain = [&](std::string_view value, std::string_view why) {
            conf.problems.push_back(fmt::format("line {}: {} '{}': {}", number, words[0], value, why));
        };
        if (words[0] == "nameserver") {
            error_code failed;
            const std::string text(words.size() > 1 ? words[1] : std::string_view());
            const auto address = asio::ip::make_address(text, failed);
            if (failed) return complain(text, "no address");
            conf.name_servers.push_back(address);
        } else if (words[0] == "search" || words[0] == "domain") {
            conf.search.clear();
            for (auto word = words.begin() + 1; word != words.end(); ++word) {
                const auto name = Name::parse(*word);
                if (!name)
                    complain(*word, to_string(name.error()));
                else if (!name->is_root())
                    conf.search.push_back(name->absolute());
            }
        } else if (words[0] == "options") {
            for (auto word = words.begin() + 1; word != words.end(); ++word)
                if (!read_option(*word, conf)) complain(*word, "no usable number");
        }
    });
    return conf;
}

}  // namespace sluice::dns
