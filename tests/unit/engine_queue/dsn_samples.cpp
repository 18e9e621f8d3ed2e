// Writes reports of every kind into the directory given, one file each, for test_dsn_parsers.py.
#include <fstream>
#include <iostream>

#include "tests/unit/engine_queue/dsn_fixture.hpp"

using namespace sluice::queue;

namespace {

DsnCase mixed() {
    DsnCase given;
    given.envelope.envelope_id = "QQ+2B1";
    given.recipients[0].original_recipient = "rfc822;joe+2Bx@here.test";
    given.recipients[0].last_error = "550-5.1.1 caf\xc3\xa9\r\n550 5.1.1 " + std::string(3000, 'x');
    for (const char* address : {"late@remote.test", "there@remote.test", "on@remote.test"}) {
        given.recipients.push_back(failed_recipient(address));
    }
    given.actions = {DsnAction::failed, DsnAction::delayed, DsnAction::delivered, DsnAction::relayed};
    return given;
}

DsnCase headers_only() {
    DsnCase given;
    given.envelope.ret = "HDRS";
    given.text = "Subject: caf\xe9\r\n\r\nbody\r\n";
    return given;
}

DsnCase global() {
    DsnCase given;
    given.envelope.smtputf8 = true;
    given.recipients[0] = failed_recipient("\xc3\xa9ric@remote.test");
    given.text = "Subject: \xc3\xa9\r\n\r\nbody\r\n";
    return given;
}

bool write(const std::string& path, const DsnCase& given) {
    std::ofstream file(path, std::ios::binary);
    file << *given.report().body;
    return static_cast<bool>(file.flush());
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::cerr << "usage: dsn_samples DIRECTORY\n";
        return 2;
    }
    const std::string directory = arguments[1];
    const bool written = write(directory + "/mixed", mixed()) && write(directory + "/headers_only", headers_only()) &&
                         write(directory + "/global", global());
    return written ? 0 : 1;
}
