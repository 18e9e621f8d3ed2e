#include "tests/unit/engine_dns/wire.hpp"

#include <algorithm>

#include "engine/base/asio.hpp"

namespace sluice::dns::test {

namespace {

constexpr unsigned class_in = 1;
constexpr unsigned type_opt = 41;
constexpr std::uint32_t flag_do = 0x8000;

unsigned read16(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]) << 8 | static_cast<unsigned char>(bytes[at + 1]);
}

std::string print_record(const ResourceRecord& record) {
    return wire_name(record.owner) + number16(record.type) + number16(class_in) + number32(record_ttl) +
           number16(static_cast<unsigned>(record.rdata.size())) + record.rdata;
}

}  // namespace

std::string number16(unsigned value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }

std::string number32(std::uint32_t value) { return number16(value >> 16) + number16(value & 0xffff); }

std::string wire_name(std::string_view name) {
    std::string wire;
    while (!name.empty() && name != ".") {
        const auto dot = name.find('.');
        wire += static_cast<char>(dot);
        wire += name.substr(0, dot);
        name.remove_prefix(dot + 1);
    }
    return wire + '\0';
}

std::string address_rdata(std::string_view text) {
    const auto address = asio::ip::make_address(std::string(text));
    if (address.is_v4()) {
        const auto bytes = address.to_v4().to_bytes();
        return {bytes.begin(), bytes.end()};
    }
    const auto bytes = address.to_v6().to_bytes();
    return {bytes.begin(), bytes.end()};
}

std::string mx_rdata(unsigned preference, std::string_view exchange) {
    return number16(preference) + wire_name(exchange);
}

std::string txt_rdata(std::initializer_list<std::string_view> strings) {
    std::string rdata;
    for (const auto text : strings) {
        rdata += static_cast<char>(text.size());
        rdata += text;
    }
    return rdata;
}

std::string tlsa_rdata(unsigned usage, unsigned selector, unsigned matching_type, std::string_view data) {
    std::string rdata{static_cast<char>(usage), static_cast<char>(selector), static_cast<char>(matching_type)};
    return rdata += data;
}

std::optional<WireQuestion> parse_question(std::string_view message) {
    if (message.size() < 12 || read16(message, 4) != 1) return std::nullopt;
    WireQuestion question;
    question.id = read16(message, 0);
    const bool has_additional = read16(message, 10) != 0;
    std::size_t at = 12;
    while (at < message.size() && message[at] != 0) {
        const auto length = static_cast<unsigned char>(message[at]);
        question.name += std::string(message.substr(at + 1, length)) + '.';
        at += std::size_t{length} + 1;
    }
    if (message.size() < at + 5) return std::nullopt;
    if (question.name.empty()) question.name = ".";
    std::transform(question.name.begin(), question.name.end(), question.name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    question.type = read16(message, at + 1);
    at += 5;
    if (has_additional && message.size() >= at + 11 && read16(message, at + 1) == type_opt) {
        question.edns = true;
        question.udp_size = read16(message, at + 3);
        question.dnssec_ok = (read16(message, at + 7) & flag_do) != 0;
    }
    return question;
}

std::string print(const WireQuestion& question, const WireAnswer& answer) {
    constexpr unsigned response_recursive = 0x8180;
    constexpr unsigned flag_tc = 0x0200;
    std::string message = number16(question.id) +
                          number16(response_recursive | (answer.truncated ? flag_tc : 0) | answer.rcode) + number16(1) +
                          number16(static_cast<unsigned>(answer.answer.size())) +
                          number16(static_cast<unsigned>(answer.authority.size())) + number16(question.edns ? 1 : 0) +
                          wire_name(question.name) + number16(question.type) + number16(class_in);
    for (const auto& record : answer.answer) message += print_record(record);
    for (const auto& record : answer.authority) message += print_record(record);
    if (question.edns)
        message += wire_name(".") + number16(type_opt) + number16(1232) + number32(question.dnssec_ok ? flag_do : 0) +
                   number16(0);
    return message;
}

}  // namespace sluice::dns::test
