#include "tests/conformance/expression_rows.hpp"

#include <sstream>

#include <fmt/format.h>
#include <re2/re2.h>

#include "dsl/tools/session.hpp"

namespace sluice::conformance {

namespace {

std::vector<std::string> words(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::vector<std::string> all;
    for (std::string word; in >> word;) all.push_back(word);
    return all;
}

smtp::Address address(const std::string& text) {
    return text == "<>" ? smtp::Address{} : smtp::parse_address(text).value();
}

asio::ip::tcp::endpoint endpoint(const std::string& text) {
    const auto colon = text.rfind(':');
    auto host = text.substr(0, colon);
    if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
    return {asio::ip::make_address(host), static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1)))};
}

// MECHANISM USER PASSWORD, ANONYMOUS TOKEN; `proven` behind it: the exchange itself has proved the identity.
smtp::Credentials credentials(std::string_view text) {
    const auto parts = words(text);
    smtp::Credentials result{.mechanism = parts.at(0)};
    result.anonymous = parts[0] == "ANONYMOUS";
    if (result.anonymous) {
        result.token = parts.at(1);
        return result;
    }
    result.authid = parts.at(1);
    result.password = parts.at(2);
    result.proven = parts.size() == 4 && parts[3] == "proven";
    return result;
}

dns::Record record(dns::RecordType type, const std::string& text) {
    if (type == dns::RecordType::ptr) return *dns::Name::parse(text);
    return asio::ip::make_address(text);
}

// Scripts of the configuration have a library of their own (vsl-rules.md 9.11).
std::string in_configuration(const std::string& block) {
    dsl::Limits limits;
    dsl::tools::Session session(dsl::configuration_library(), limits);
    dsl::Diagnostics diagnostics;
    auto loaded = session.compile("table", block, false, false, diagnostics);
    if (!loaded.program) return "! parse";
    dsl::Value result;
    if (session.run(loaded, result)) return "! thrown";
    std::string text;
    return dsl::append_debug(result, text, limits) ? "! not shown" : shown(text);
}

std::string first_code(const std::string& rendered) {
    static const re2::RE2 pattern("error\\[(E[0-9]+)\\]");
    std::string code;
    return re2::RE2::PartialMatch(rendered, pattern, &code) ? code : rendered;
}

}  // namespace

std::optional<smtp::Stage> stage_of(std::string_view word) {
    for (int i = 0; i <= static_cast<int>(smtp::Stage::delivery); ++i)
        if (smtp::to_string(static_cast<smtp::Stage>(i)) == word) return static_cast<smtp::Stage>(i);
    return std::nullopt;
}

bool agrees(const std::string& expected, const std::string& got) {
    if (expected == "! throws") return got.starts_with("! ") && !got.starts_with("! E0");
    const auto at = expected.find("~ ");
    if (at != 0 && !(at == 2 && expected.starts_with("! "))) return expected == got;
    return got.substr(0, at) == expected.substr(0, at) && re2::RE2::FullMatch(got.substr(at), expected.substr(at + 2));
}

void ExpressionFixture::SetUp() {
    StageFixture::SetUp();
    if (HasFatalFailure()) return;
    session_.connected_at = std::chrono::system_clock::from_time_t(1704164645);  // 2024-01-02T03:04:05Z
    transaction_.mail_time = session_.connected_at + std::chrono::seconds(1);
    transaction_.message = std::make_shared<const std::string>(
        "From: john@example.net\r\nTo: jane@example.com\r\nDate: Tue, 2 Jan 2024 03:04:05 +0000\r\n\r\nbody\r\n");
}

void ExpressionFixture::give(const std::vector<Fact>& facts) {
    for (const auto& fact : facts) give(fact);
}

void ExpressionFixture::give(const Fact& fact) {
    const auto& [key, value] = fact;
    if (key == "client") {
        session_.client = endpoint(value);
    } else if (key == "server") {
        session_.server = endpoint(value);
    } else if (key == "helo") {
        session_.helo = value;
    } else if (key == "tls") {
        session_.tls.emplace();
        session_.tls->sni = value;
    } else if (key == "server_name") {
        session_.server_name = value;
    } else if (key == "user") {
        session_.authenticated_as = value;
    } else if (key == "credentials") {
        session_.credentials = credentials(value);
    } else if (key == "from") {
        transaction_.reverse_path = address(value);
    } else if (key == "to") {
        transaction_.recipients.clear();
        for (const auto& recipient : words(value)) transaction_.add_recipient(address(recipient));
    } else if (key == "message") {
        transaction_.message = std::make_shared<const std::string>(value);
    } else if (key == "headers") {
        transaction_.headers.push_back(value);
    } else if (key == "dns") {
        give_dns(value);
    } else if (key == "saslauthd") {
        saslauthd_ = (root_ / "mux").string();
        daemon_.reset();
        std::filesystem::remove(saslauthd_);
        if (value != "none") daemon_.emplace(saslauthd_, words(value).at(0), words(value).at(1));
    } else if (key == "file") {
        const auto space = value.find(' ');
        std::ofstream(root_ / value.substr(0, space)) << value.substr(space + 1);
    } else {
        problem_ = fmt::format("unknown fact '{}'", key);
    }
}

// NAME TYPE DATA…; `temporary` as data: no answer.
void ExpressionFixture::give_dns(std::string_view text) {
    const auto parts = words(text);
    const auto type = parts.at(1) == "A"      ? dns::RecordType::a
                      : parts.at(1) == "AAAA" ? dns::RecordType::aaaa
                                              : dns::RecordType::ptr;
    const auto name = *dns::Name::parse(parts.at(0));
    if (parts.at(2) == "temporary") {
        resolver_->set(name, type, dns::failed_answer("SERVFAIL"));
        return;
    }
    std::vector<dns::Record> records;
    for (std::size_t i = 2; i < parts.size(); ++i) records.push_back(record(type, parts[i]));
    resolver_->set(name, type, std::move(records));
}

std::string ExpressionFixture::load_error(const std::string& script) {
    std::ofstream(root_ / "filter.vsl") << script;
    dsl::Diagnostics diagnostics;
    if (filter::RuleSet::load(configuration_, diagnostics)) return {};
    return first_code(dsl::render(diagnostics.all()));
}

std::string ExpressionFixture::evaluate(const std::string& stage, const std::string& block) {
    std::string said;
    if (const auto at = stage_of(stage)) {
        if (*at < smtp::Stage::preq) transaction_.message.reset();
        said = run(*at, "let v = (); let thrown = \"\"; try { v = { " + block +
                            " }; } catch (e) { thrown = \"! \"; v = e; "
                            "if type_of(e) == \"map\" && \"error\" in e { thrown += e.error; } } "
                            "log(\"warn\", `VALUE <${thrown}|${v.to_debug()}>`); state::next()");
    } else if (stage == "load") {
        said = run_file(smtp::Stage::connect, "const V = { " + block +
                                                  " }; #{ connect: [ rule \"r\" || { log(\"warn\", `VALUE "
                                                  "<|${global::V.to_debug()}>`); state::next() } ] }");
    } else {
        return stage == "config" ? in_configuration(block) : "unknown stage '" + stage + "'";
    }
    return said == "next" ? logged() : said.find("error[E") != std::string::npos ? "! " + first_code(said) : said;
}

// The last value that was logged, without the escapes of the log.
std::string ExpressionFixture::logged() const {
    const auto text = log_text();
    const std::string mark = "VALUE <";
    const auto begin = text.rfind(mark);
    const auto end = text.rfind(">\"");
    if (begin == std::string::npos || end == std::string::npos) return "nothing was logged";
    std::string value;
    for (auto i = begin + mark.size(); i < end; ++i) {
        if (text[i] == '\\' && text[i + 1] == 'x') {
            value += static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16));
            i += 3;
        } else {
            value += text[i] == '\\' ? text[++i] : text[i];
        }
    }
    const auto bar = value.find('|');
    const auto thrown = value.substr(0, bar);
    // Of an error of the machine its name stands in the tables.
    return thrown.size() > 2 ? thrown : thrown + shown(value.substr(bar + 1));
}

std::string ExpressionFixture::effect(const std::string& name) const {
    std::string text;
    if (name == "recipients") {
        for (const auto& recipient : transaction_.recipients)
            text += (text.empty() ? "" : ", ") + recipient.address.text +
                    (recipient.transport.empty() ? "" : " by " + recipient.transport);
    } else if (name == "reverse-path") {
        text = transaction_.reverse_path.text;
    } else if (name == "set-aside") {
        for (const auto& field : transaction_.headers) text += field;
    } else if (name == "message") {
        text = *transaction_.message;
    } else if (name == "log") {
        text = log_text();
    } else {  // a file; ID in its name is that of the message
        auto path = name;
        if (const auto id = path.find("ID"); id != std::string::npos) path.replace(id, 2, transaction_.id.to_string());
        std::ifstream file(root_ / path);
        text = file ? std::string(std::istreambuf_iterator<char>(file), {}) : "there is no such file";
    }
    return shown(text);
}

std::string ExpressionFixture::mismatch(const Row& row) {
    give(row.given);
    if (!problem_.empty()) return problem_;
    std::string got;
    if (!row.verdict) {
        got = evaluate(row.stage, row.statement);
    } else if (const auto stage = stage_of(row.stage)) {
        if (*stage < smtp::Stage::preq) transaction_.message.reset();
        got = shown(run(*stage, row.statement));
    } else {
        return "unknown stage '" + row.stage + "'";
    }
    if (!agrees(row.expected, got)) return got;
    for (const auto& [name, expected] : row.then)
        if (const auto now = effect(name); !agrees(expected, now)) return fmt::format("then {}: {}", name, now);
    return {};
}

}  // namespace sluice::conformance
