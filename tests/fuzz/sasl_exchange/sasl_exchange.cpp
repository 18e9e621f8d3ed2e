// Lines of a client -> base64 -> exchanges; an honest client whose messages are altered on the way; password files.
// The first byte says what the rest is: a mechanism for lines, a mechanism for alterations, or a file.
// Checked: nobody gets in without the password, what comes out of an exchange is clean, and what parses prints the
// same.
#include <gsasl.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/limits.hpp"
#include "engine/sasl/exchange.hpp"
#include "engine/sasl/key_derivation.hpp"
#include "engine/sasl/user_table.hpp"
#include "engine/sasl/wire.hpp"

namespace {

using namespace sluice;
using namespace sluice::sasl;

constexpr std::size_t mechanisms = 9;
const std::string identity = "jane";
const std::string password = "a password the fuzzer does not have";
const std::string exporter(32, 'E');

void require(bool condition) {
    if (!condition) std::abort();
}

class Jane final : public CredentialSource {
  public:
    ScramKeys scram_keys(Hash hash, std::string_view name) const override {
        return derive_scram_keys(hash, name == identity ? password : "nobody", "0123456789abcdef", 1);
    }
    CramMd5State cram_md5_state(std::string_view name) const override {
        return derive_cram_md5_state(name == identity ? password : "nobody");
    }
    bool has_cram_md5() const override { return true; }
};

Exchange make(Mechanism mechanism) {
    ExchangeContext context{
        .host_name = "mx.test", .external_identity = identity, .credentials = std::make_shared<Jane>()};
    if (mechanism == Mechanism::scram_sha_1_plus || mechanism == Mechanism::scram_sha_256_plus)
        context.tls_exporter = exporter;
    return Exchange(mechanism, std::move(context));
}

void check_end(const Step& step, const Exchange& exchange) {
    const Credentials& credentials = exchange.credentials();
    require(credentials.proven == (step.kind == StepKind::success));
    require((step.kind == StepKind::failure) == (step.failure != FailureKind::none));
    require(step.failure != FailureKind::internal);
    if (step.kind == StepKind::failure)
        return require(credentials.authid.empty() && credentials.password.empty() && step.challenge.empty());
    for (const std::string_view text : {std::string_view(credentials.authid), credentials.password.view(),
                                        std::string_view(credentials.anonymous_token)})
        require(text.find('\0') == std::string_view::npos && text.find('\n') == std::string_view::npos);
    require(credentials.authid.empty() == (credentials.kind == CredentialKind::anonymous));
    require(credentials.password.empty() != (credentials.kind == CredentialKind::password));
}

// Lines as a session would read them.
void run_lines(Mechanism mechanism, std::string_view text) {
    Exchange exchange = make(mechanism);
    const auto line = [&] {
        const auto taken = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(taken.size() + 1, text.size()));
        return taken;
    };
    const auto initial = decode_initial_response(line());
    if (!initial) return;
    require(!*initial || encode_base64((*initial)->view()).size() <= limits::sasl_line);
    Step step = *initial ? exchange.start((*initial)->view()) : exchange.start(std::nullopt);
    while (step.kind == StepKind::challenge) {
        if (text.empty()) return;
        const auto written = line();
        const auto response = decode_response(written);
        if (!response) return;
        require(encode_base64(response->view()) == written);
        step = exchange.step(response->view());
    }
    check_end(step, exchange);
    // The fuzzer would have to guess 128 bits.
    const auto kind = exchange.credentials().kind;
    require(step.kind != StepKind::success || kind == CredentialKind::external);
}

struct Client {
    Gsasl* library = nullptr;
    Gsasl_session* session = nullptr;

    explicit Client(Mechanism mechanism) {
        require(gsasl_init(&library) == GSASL_OK);
        gsasl_callback_set(library, [](Gsasl*, Gsasl_session* asking, Gsasl_property wanted) -> int {
            switch (wanted) {
                case GSASL_AUTHID: return gsasl_property_set(asking, wanted, identity.c_str());
                case GSASL_PASSWORD: return gsasl_property_set(asking, wanted, password.c_str());
                case GSASL_ANONYMOUS_TOKEN: return gsasl_property_set(asking, wanted, "token");
                default: return GSASL_NO_CALLBACK;
            }
        });
        require(gsasl_client_start(library, to_string(mechanism).data(), &session) == GSASL_OK);
        if (mechanism == Mechanism::scram_sha_1_plus || mechanism == Mechanism::scram_sha_256_plus)
            require(gsasl_property_set(session, GSASL_CB_TLS_EXPORTER, encode_base64(exporter).c_str()) == GSASL_OK);
    }
    ~Client() {
        gsasl_finish(session);
        gsasl_done(library);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    std::optional<std::string> answer(std::string_view challenge) {
        char* bytes = nullptr;
        std::size_t size = 0;
        const int code = gsasl_step(session, challenge.data(), challenge.size(), &bytes, &size);
        const std::unique_ptr<char, decltype(&gsasl_free)> owner(bytes, gsasl_free);
        if (code != GSASL_OK && code != GSASL_NEEDS_MORE) return std::nullopt;
        return std::string(bytes ? bytes : "", size);
    }
};

// Three bytes each: which message, where in it, what to put there (0: cut it off; 1: take it out; else: replace).
std::string altered(std::string message, std::uint8_t number, std::string_view alterations) {
    for (; alterations.size() >= 3; alterations.remove_prefix(3)) {
        if (static_cast<std::uint8_t>(alterations[0]) % 4 != number || message.empty()) continue;
        const auto place = static_cast<std::uint8_t>(alterations[1]) % message.size();
        if (alterations[2] == 0) {
            message.resize(place);
        } else if (alterations[2] == 1) {
            message.erase(place, 1);
        } else {
            message[place] = alterations[2];
        }
    }
    return message;
}

void run_altered(Mechanism mechanism, std::string_view alterations) {
    Exchange exchange = make(mechanism);
    Client client(mechanism);
    Step step = exchange.start(std::nullopt);
    for (std::uint8_t number = 0; step.kind == StepKind::challenge; ++number) {
        require(number < 5);
        const auto message = client.answer(step.challenge);
        if (!message) return;
        step = exchange.step(altered(*message, number, alterations));
    }
    check_end(step, exchange);
    require(step.kind != StepKind::success || exchange.credentials().authid == identity);
    if (alterations.empty()) require(step.kind != StepKind::failure);
}

void run_file(std::string_view text) {
    const auto table = UserTable::parse(text);
    if (!table) {
        for (const auto& problem : table.error()) require(problem.line > 0 && !problem.text.empty());
        return;
    }
    const auto again = UserTable::parse((*table)->print());
    require(again.ok() && (*again)->users().size() == (*table)->users().size());
    require((*again)->print() == (*table)->print());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t what = data[0] % (2 * mechanisms + 1);
    if (what < mechanisms) {
        run_lines(static_cast<Mechanism>(what), rest);
    } else if (what < 2 * mechanisms) {
        run_altered(static_cast<Mechanism>(what - mechanisms), rest);
    } else {
        run_file(rest);
    }
    return 0;
}
