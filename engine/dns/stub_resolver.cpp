#include "engine/dns/stub_resolver.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "engine/base/limits.hpp"

namespace sluice::dns {

namespace {

Result<std::string, std::string> read_system_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Failure{fmt::format("{}: {}", path, std::strerror(errno))};
    std::string text(limits::dns_system_file + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > limits::dns_system_file)
        return Failure{fmt::format("{}: has more than {} octets and is left out", path, limits::dns_system_file)};
    return text;
}

// The file as `parse` has it, or its empty value if it cannot be read.
template <typename Parse>
auto read_and_parse(const std::string& path, const StubResolver::OnProblem& on_problem, Parse parse) {
    const auto text = read_system_file(path);
    if (!text) on_problem(text.error());
    std::vector<std::string> problems;
    auto result = parse(text ? std::string_view(text.value()) : std::string_view(), problems);
    for (const std::string& problem : problems) on_problem(fmt::format("{}, {}", path, problem));
    return result;
}

}  // namespace

struct StubResolver::Question {
    Question(asio::io_context& io, Id id) : id(id), deadline(io) {}

    Id id;
    std::shared_ptr<Mailbox> mailbox;
    Name asked;
    RecordType type = RecordType::a;
    std::vector<Name> candidates;
    std::size_t next = 0;         // index of the candidate that is on its way
    std::optional<Answer> plain;  // what was said about the name without a search domain
    UnboundContext::Ticket ticket = 0;
    asio::steady_timer deadline;
};

StubResolver::StubResolver(asio::io_context& context, const Settings& settings, const OnProblem& on_problem)
    : io_(context), readable_(context) {
    const auto problems = validate(settings);
    for (const std::string& problem : problems) on_problem("dns: " + problem);
    if (problems.empty())
        open(settings, on_problem);
    else
        unusable_ = "the settings of the resolver are wrong: " + problems.front();
}

StubResolver::~StubResolver() {
    fail_all("the resolver has been closed");
    // The descriptor is libunbound's.
    if (readable_.is_open()) readable_.release();
}

void StubResolver::open(const Settings& settings, const OnProblem& on_problem) {
    ResolvConf conf;
    if (settings.type == ResolverType::system) {
        conf = read_and_parse(settings.resolv_conf, on_problem, [](auto text, auto& problems) {
            ResolvConf parsed = parse_resolv_conf(text);
            problems = parsed.problems;
            return parsed;
        });
    }
    plan_ = make_plan(settings, conf);
    if (plan_.use_hosts_file) hosts_ = read_and_parse(settings.hosts_file, on_problem, HostsFile::parse);
    auto opened = UnboundContext::open(plan_, settings.trust_anchor_file);
    if (!opened) {
        on_problem("dns: " + opened.error());
        unusable_ = opened.error();
        return;
    }
    unbound_ = std::move(opened).value();
    readable_.assign(unbound_->fd());
}

void StubResolver::watch() {
    watching_ = true;
    readable_.async_wait(asio::posix::stream_descriptor::wait_read, [weak = weak_from_this()](error_code failed) {
        const auto self = weak.lock();
        if (failed || !self) return;
        if (self->unbound_->process()) return self->watch();
        self->unusable_ = "libunbound's thread has ended";
        self->fail_all(self->unusable_);
    });
}

void StubResolver::ask(std::shared_ptr<Mailbox> mailbox, Name name, RecordType type) {
    if (!unusable_.empty()) return mailbox->deliver(failed_answer(unusable_));
    if (plan_.use_hosts_file) {
        if (auto answer = hosts_.find(name, type)) return mailbox->deliver(std::move(*answer));
    }
    if (!watching_) watch();
    auto question = std::make_unique<Question>(io_, ++last_id_);
    question->mailbox = std::move(mailbox);
    question->candidates = search_candidates(plan_, name);
    question->asked = std::move(name);
    question->type = type;
    question->deadline.expires_after(plan_.deadline);
    const Mailbox* const key = question->mailbox.get();
    question->deadline.async_wait([weak = weak_from_this(), key, id = question->id](error_code failed) {
        const auto self = weak.lock();
        if (!failed && self) self->on_deadline(key, id);
    });
    send(*questions_.emplace(key, std::move(question)).first->second);
}

void StubResolver::send(Question& question) {
    const Mailbox* const key = question.mailbox.get();
    const auto ticket = unbound_->ask(question.candidates[question.next], question.type,
                                      [this, key](Answer answer) { on_answer(key, std::move(answer)); });
    if (ticket)
        question.ticket = ticket.value();
    else
        finish(key, failed_answer(ticket.error()));
}

void StubResolver::on_answer(const Mailbox* key, Answer answer) {
    Question& question = *questions_.at(key);
    question.ticket = 0;
    // A failure ends the search: the next name must not be taken for the one that could not be asked.
    if (answer.failed() || answer.outcome == Outcome::found) return finish(key, std::move(answer));
    if (question.candidates[question.next] == question.asked.absolute()) question.plain = std::move(answer);
    if (++question.next < question.candidates.size()) return send(question);
    finish(key, std::move(*question.plain));
}

void StubResolver::on_deadline(const Mailbox* key, Id id) {
    const auto found = questions_.find(key);
    // The address of a mailbox may have been used again since the timer fired.
    if (found == questions_.end() || found->second->id != id) return;
    finish(key, failed_answer(fmt::format("no answer within {} ms", plan_.deadline.count())));
}

void StubResolver::finish(const Mailbox* key, Answer answer) {
    const auto question = std::move(questions_.extract(key).mapped());
    if (question->ticket != 0) unbound_->cancel(question->ticket);
    if (answer.outcome == Outcome::temporary) answer.canonical_name = question->asked;
    question->mailbox->deliver(std::move(answer));
}

void StubResolver::fail_all(const std::string& why) {
    while (!questions_.empty()) finish(questions_.begin()->first, failed_answer(why));
}

void StubResolver::forget(const Mailbox& mailbox) {
    if (questions_.contains(&mailbox)) finish(&mailbox, failed_answer("cancelled"));
}

}  // namespace sluice::dns
