#include "engine/rehearsal/rehearsed_session.hpp"

#include <fmt/format.h>

#include "engine/dns/fake_resolver.hpp"
#include "engine/rehearsal/line_ends.hpp"
#include "engine/rehearsal/scripted_client.hpp"

namespace sluice::rehearsal {

namespace {

std::shared_ptr<const smtp::Settings> without_delays(const smtp::Settings& settings) {
    auto copy = std::make_shared<smtp::Settings>(settings);
    copy->error.delay = smtp::Milliseconds(0);
    return copy;
}

// What rules write with log() is in the traces.
std::unique_ptr<obs::Log> silent_log() {
    auto opened = obs::Log::open({"/dev/null", "", "off"});
    return std::move(opened.log);
}

const net::Listener* listener_of(const config::Configuration& configuration, smtp::ListenerKind kind) {
    for (const auto& listener : configuration.listeners)
        if (listener.kind == kind) return &listener;
    return nullptr;
}

asio::awaitable<sasl::PasswordVerdict> check(const std::map<std::string, std::string>& passwords, std::string user,
                                             std::string password) {
    const auto found = passwords.find(user);
    co_return sasl::PasswordVerdict{found != passwords.end() && found->second == password, {}};
}

asio::awaitable<sasl::PasswordVerdict> check(std::shared_ptr<const sasl::UserTable> users, std::string user,
                                             std::string password) {
    co_return sasl::PasswordVerdict{users->verify(user, password), {}};
}

sasl::PasswordCheck password_check(const Role& role, const std::shared_ptr<const sasl::UserTable>& users) {
    if (!role.passwords.empty())
        return [passwords = role.passwords](std::string user, std::string password) {
            return check(passwords, std::move(user), std::move(password));
        };
    if (!users) return {};
    return
        [users](std::string user, std::string password) { return check(users, std::move(user), std::move(password)); };
}

}  // namespace

Rehearsal::Rehearsal(std::shared_ptr<const config::Configuration> configuration,
                     std::shared_ptr<const filter::RuleSet> rules, std::shared_ptr<const sasl::UserTable> users)
    : configuration_(std::move(configuration)),
      rules_(std::move(rules)),
      users_(std::move(users)),
      settings_(without_delays(configuration_->smtp)),
      log_(silent_log()) {}

Rehearsal::~Rehearsal() = default;

dsl::tools::Coverage Rehearsal::coverage() {
    dsl::tools::Coverage coverage;
    for (const auto& script : rules_->files()) coverage.add(*script, branches_.of(*script));
    return coverage;
}

RehearsedSession::RehearsedSession(Rehearsal& rehearsal, Role role) : rehearsal_(rehearsal) {
    const auto& configuration = *rehearsal.configuration_;
    auto snapshot = std::make_shared<smtp::Snapshot>();
    snapshot->settings = rehearsal.settings_;
    snapshot->users = role.passwords.empty() ? rehearsal.users_ : nullptr;
    snapshot->check_password = password_check(role, rehearsal.users_);
    auto resolver = role.resolver ? role.resolver : std::make_shared<dns::FakeResolver>();
    snapshot->rules = std::make_shared<filter::FilterRules>(
        rehearsal.rules_,
        filter::Surroundings{.log = *rehearsal.log_,
                             .root = configuration.root,
                             .app_dir = configuration.app_dir,
                             .configuration = configuration.shown,
                             .blocking = rehearsal.blocking_,
                             .resolver = std::move(resolver),
                             .ip_strategy = configuration.dns.options.value_or(dns::Options()).ip_strategy,
                             .users = snapshot->check_password,
                             .watch = this,
                             .rehearsed = filter::Rehearsed{std::move(role.exit_codes)},
                             .branches = &rehearsal.branches_});
    const auto* listener = listener_of(configuration, role.listener);
    ScriptedClient::Ends ends{role.client, listener ? listener->endpoint : asio::ip::tcp::endpoint()};
    auto client = std::make_unique<ScriptedClient>(rehearsal.context_.get_executor(), ends,
                                                   role.has_certificate || !configuration.tls_domains.empty(),
                                                   std::move(role.tls));
    client_ = client.get();
    snapshot_ = std::move(snapshot);
    session_ = std::make_unique<smtp::Session>(
        std::move(client),
        smtp::SessionContext{snapshot_, *this, *this, role.listener, listener ? listener->id : std::string(), nullptr});
    asio::co_spawn(rehearsal.context_, session_->run(), [this](std::exception_ptr) { ended_ = true; });
    greeting_ = play();
}

RehearsedSession::~RehearsedSession() {
    if (ended_) return;
    client_->hang_up();
    (void)play();
}

Step RehearsedSession::play() {
    while (!ended_ && !client_->is_waited_for()) rehearsal_.context_.run_one();
    step_.replies = client_->take_replies();
    step_.closed = ended_;
    if (ended_ && why_ended_.empty()) why_ended_ = fmt::format("{}", fmt::join(step_.events, "; "));
    return std::exchange(step_, {});
}

Step RehearsedSession::say(std::string_view bytes) {
    if (!ended_) client_->say(bytes);
    return play();
}

Step RehearsedSession::starttls(tls::Facts facts) {
    client_->set_handshake(std::move(facts));
    return line("STARTTLS");
}

Step RehearsedSession::data(std::string_view message) {
    Step first = line("DATA");
    if (!first.replies.starts_with("354")) return first;
    return say(as_sent(message));
}

void RehearsedSession::stage_ran(const smtp::SessionFacts&, const smtp::Transaction* transaction,
                                 const filter::StageTrace& trace) {
    PlayedStage played{.trace = trace};
    if (transaction) {
        played.reverse_path = transaction->reverse_path.text;
        played.recipients = transaction->recipients;
        played.type = transaction->type;
        played.domain = transaction->domain;
    }
    step_.stages.push_back(std::move(played));
}

asio::awaitable<StoredMessage> RehearsedSession::behind_the_queue(const smtp::SessionFacts& session,
                                                                  smtp::CommittedMessage message) {
    StoredMessage stored{std::move(message.transaction), {}};
    auto& transaction = stored.transaction;
    if (transaction.skip.kind == smtp::VerdictKind::quarantine)
        stored.verdict = {smtp::VerdictKind::quarantine, transaction.skip.since, {}, transaction.skip.quarantine};
    if (!message.queue_stages) co_return stored;
    smtp::SessionFacts facts = session;
    transaction.message = std::make_shared<const std::string>(message.trace_header + *transaction.message);
    stored.verdict = co_await smtp::run_queue_stages(*snapshot_->rules, *snapshot_->settings, smtp::Stage::postq, facts,
                                                     transaction);
    std::string text = *transaction.message;
    if (const auto at = text.find(message.trace_header); at != std::string::npos)
        text.erase(at, message.trace_header.size());
    transaction.message = std::make_shared<const std::string>(std::move(text));
    co_return stored;
}

asio::awaitable<smtp::SinkResult> RehearsedSession::submit(const smtp::SessionFacts& session,
                                                           smtp::Submission submission) {
    for (auto& message : submission.messages) {
        StoredMessage stored = co_await behind_the_queue(session, std::move(message));
        step_.stored.push_back(std::move(stored));
    }
    co_return smtp::SinkResult{};
}

void RehearsedSession::on_event(smtp::SessionEvent event, const smtp::SessionFacts&, std::string_view detail) noexcept {
    step_.events.push_back(detail.empty() ? std::string(to_string(event))
                                          : fmt::format("{} {}", to_string(event), detail));
}

std::string_view fate_of(const smtp::QueueVerdict& verdict) noexcept {
    switch (verdict.kind) {
        case smtp::VerdictKind::quarantine: return "quarantine";
        case smtp::VerdictKind::deny: return "deny";
        case smtp::VerdictKind::failed: return "hold";
        default: return "deliver";
    }
}

tls::Facts ordinary_tls(const std::string& sni) {
    tls::Facts facts;
    facts.version = "TLSv1.3";
    facts.cipher = facts.cipher_std = "TLS_AES_128_GCM_SHA256";
    facts.cipher_algbits = facts.cipher_usebits = 128;
    facts.group = "X25519";
    if (!sni.empty()) facts.sni = sni;
    facts.domain = sni.empty() ? "default" : sni;
    return facts;
}

void show_certificate(tls::Facts& facts, const std::string& name, bool verified) {
    tls::PeerFacts peer;
    peer.leaf =
        tls::CertificateInfo{.subject = "CN=" + name, .subject_cn = name, .names = {name}, .sans = {"DNS:" + name}};
    peer.judgement.verified = peer.judgement.chain_verified = verified;
    if (!verified) {
        peer.judgement.fault = tls::PeerFault::not_trusted;
        peer.judgement.code = 18;
        peer.judgement.why = "self signed certificate";
    }
    facts.peer = std::make_shared<const tls::PeerFacts>(std::move(peer));
}

}  // namespace sluice::rehearsal
