#include "engine/dns/hosts_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/dns/reverse_name.hpp"
#include "engine/dns/text_lines.hpp"

namespace sluice::dns {

namespace {

template <typename T>
void add_once(std::vector<T>& list, const T& item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

}  // namespace

HostsFile HostsFile::parse(std::string_view text, std::vector<std::string>& problems) {
    HostsFile hosts;
    for_each_line(text, [&](std::size_t number, std::string_view line) {
        const auto words = words_of(line.substr(0, line.find('#')), "");
        if (words.empty()) return;
        error_code failed;
        const auto address = asio::ip::make_address(std::string(words[0]), failed);
        if (failed) {
            problems.push_back(fmt::format("line {}: '{}' is no address", number, words[0]));
            return;
        }
        bool first = true;
        for (auto word = words.begin() + 1; word != words.end(); ++word) {
            const auto name = Name::parse(*word);
            if (!name) {
                problems.push_back(fmt::format("line {}: '{}' {}", number, *word, to_string(name.error())));
                continue;
            }
            add_once(hosts.addresses_[name->absolute()], address);
            if (first) add_once(hosts.names_[reverse_name(address)], name->absolute());
            first = false;
        }
    });
    return hosts;
}

std::optional<Answer> HostsFile::find(const Name& name, RecordType type) const {
    Answer answer;
    answer.canonical_name = name.absolute();
    if (type == RecordType::ptr) {
        const auto found = names_.find(answer.canonical_name);
        if (found == names_.end()) return std::nullopt;
        answer.records.assign(found->second.begin(), found->second.end());
    } else if (type == RecordType::a || type == RecordType::aaaa) {
        const auto found = addresses_.find(answer.canonical_name);
        if (found == addresses_.end()) return std::nullopt;
        for (const auto& address : found->second)
            if (address.is_v6() == (type == RecordType::aaaa)) answer.records.emplace_back(address);
    } else {
        return std::nullopt;
    }
    answer.outcome = answer.records.empty() ? Outcome::no_data : Outcome::found;
    return answer;
}

}  // namespace sluice::dns
