// Bytes of servers and of system files: RDATA, names, hosts and resolv.conf. The first byte chooses what the rest is.
// Checked: names keep their limits, and a name that parses is the same name in every other form of it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/base/limits.hpp"
#include "engine/dns/hosts_file.hpp"
#include "engine/dns/record.hpp"
#include "engine/dns/resolv_conf.hpp"

namespace {

using namespace sluice;
using namespace sluice::dns;

void require(bool condition) {
    if (!condition) std::abort();
}

std::string to_wire(std::string_view text) {
    std::string wire;
    while (!text.empty()) {
        const auto dot = text.find('.');
        const std::string_view label = text.substr(0, dot);
        wire += static_cast<char>(label.size());
        wire += label;
        text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
    }
    return wire + '\0';
}

void check_name(const Result<Name, NameError>& name) {
    if (!name) return;
    require(name->without_final_dot().size() <= limits::domain_name);
    const auto again = Name::parse(name->text());
    require(again.ok() && again.value() == name.value());
    const auto wire = Name::from_wire(to_wire(name->without_final_dot()));
    require(wire && *wire == name->absolute());
}

void check_record(RecordType type, std::string_view rdata) {
    const auto record = decode(type, rdata);
    if (!record) return;
    if (const auto* txt = std::get_if<Txt>(&*record)) require(txt->text.size() < rdata.size());
    if (const auto* mx = std::get_if<Mx>(&*record)) require(mx->exchange.is_absolute());
    if (const auto* name = std::get_if<Name>(&*record)) require(name->is_absolute());
    if (const auto* tlsa = std::get_if<Tlsa>(&*record)) require(tlsa->data.size() + 3 == rdata.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr RecordType types[] = {RecordType::a,   RecordType::cname, RecordType::ptr, RecordType::mx,
                                           RecordType::txt, RecordType::aaaa,  RecordType::tlsa};
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const unsigned choice = data[0] % 11;
    if (choice < std::size(types)) check_record(types[choice], rest);
    if (choice == 7) check_name(Name::parse(rest));
    if (choice == 8) check_name(Name::parse_international(rest));
    if (choice == 9) {
        for (const Name& name : parse_resolv_conf(rest).search) require(name.is_absolute());
    }
    if (choice == 10) {
        std::vector<std::string> problems;
        const auto hosts = HostsFile::parse(rest, problems);
        (void)hosts.find(Name::parse("localhost").value(), RecordType::a);
    }
    return 0;
}
