#include "engine/deliver/smtp_transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/deliver/parcel.hpp"
#include "engine/smtp_client/open_failure.hpp"

namespace sluice::deliver {

namespace {

using smtp_client::Cause;
using smtp_client::Kind;
using smtp_client::RecipientResult;

Outcome::Kind kind_of(Kind kind) {
    return kind == Kind::delivered   ? Outcome::Kind::delivered
           : kind == Kind::temporary ? Outcome::Kind::temporary
                                     : Outcome::Kind::permanent;
}

Outcome outcome_of(const RecipientResult& result, const std::string& host) {
    if (result.remote_said()) return Outcome::remote(kind_of(result.kind), result.status, result.text, host);
    const std::string text = result.status + " " + result.text;
    if (result.kind == Kind::delivered) return Outcome::delivered();
    const auto where = host.empty() ? "" : " (" + host + ")";
    return result.kind == Kind::temporary ? Outcome::temporary(text + where) : Outcome::permanent(text + where);
}

std::string shown(const NextHop& hop) {
    return fmt::format("{} [{}]", hop.name, hop.socket.empty() ? hop.endpoint.address().to_string() : hop.socket);
}

tls::Endpoint endpoint_of(const NextHop& hop) {
    if (hop.socket.empty()) return hop.endpoint;
    return asio::local::stream_protocol::endpoint(hop.socket);
}

// The plan forbids this host.
smtp_client::OpenFailure refusal_of(const HostTls& host) {
    smtp_client::OpenFailure failure = smtp_client::tls_failure(*host.refusal, host.detail);
    if (*host.refusal == smtp_client::kMisconfigured) failure.another_host = false;
    if (!host.refused_for_good) return failure;
    failure.result.kind = Kind::permanent;
    return failure;
}

DeliveryTlsPtr record_of(const smtp_client::Connection& connection, const TlsPlanner& planner, const HostTls& host,
                         const NextHop& hop, const smtp_client::OpenFailure* failure) {
    auto record = std::make_shared<DeliveryTls>();
    record->mode = planner.policy().mode;
    record->planned_by = to_string(host.plan.by);
    record->scope = planner.policy().sources.at("mode").entry;
    record->fallback = connection.fallback_reason();
    record->facts = connection.tls_facts();
    record->remote_ip = hop.endpoint.address();
    record->source_ip = connection.local_address();
    record->connected = failure == nullptr;
    if (failure == nullptr) return record;
    record->refusal = failure->detail;
    record->refused = failure->peer;
    return record;
}

}  // namespace

// One lane's connection, over the hosts of the destination.
class SmtpTransport::Channel {
  public:
    Channel(const SmtpTransport& transport, Lane& lane, asio::any_io_executor executor)
        : transport_(transport), lane_(lane), executor_(std::move(executor)) {}

    asio::awaitable<void> run() {
        auto found = co_await transport_.find_();
        if (found.failure) {
            co_await lane_.unreachable(*std::move(found.failure));
            co_return;
        }
        hops_ = std::move(found.hops);
        mx_secure_ = found.secure;
        for (;;) {
            std::unique_ptr<Parcel> parcel = std::move(ahead_);
            if (!parcel)
                parcel = parcel_of(
                    co_await lane_.next(connection_ ? transport_.settings_.idle : std::chrono::milliseconds(0)));
            if (!parcel) break;
            const bool go_on = co_await deliver(*parcel);
            lane_.finish(parcel->take());
            if (!go_on) break;
        }
        if (ahead_) lane_.finish(ahead_->take());
        if (connection_) co_await connection_->quit();
    }

  private:
    using Results = std::vector<RecipientResult>;

    static std::unique_ptr<Parcel> parcel_of(std::shared_ptr<Shipment> shipment) {
        if (!shipment) return nullptr;
        auto all = shipment->recipients();
        return std::make_unique<Parcel>(std::move(shipment), std::move(all));
    }

    // False: the channel is of no more use.
    asio::awaitable<bool> deliver(Parcel& parcel) {
        for (;;) {
            if (connection_ && sent_ >= transport_.settings_.messages) {
                co_await connection_->quit();
                connection_.reset();
            }
            if (!connection_ || !connection_->reusable()) {
                auto failure = co_await connect();
                if (failure) {
                    co_await tell_all(parcel, *failure);
                    co_await lane_.unreachable(*std::move(failure));
                    co_return false;
                }
            }
            auto results = co_await send(parcel);
            if (broke_off(results)) {
                // It had enough of this connection; that says nothing about the host.
                if (sent_ > 1) {
                    connection_.reset();
                    continue;
                }
                if (hop_ + 1 < hops_.size()) {
                    connection_.reset();
                    ++hop_;
                    sent_ = 0;
                    continue;
                }
            }
            co_return co_await tell(parcel, results);
        }
    }

    // RFC 5321 5.1: those whom this host would not take now, for the next one that can be reached. Only what that one
    // takes counts: why they must wait is what the better host said, and a refusal for good is not believed of a
    // backup.
    asio::awaitable<void> try_another_host(const Parcel& parcel, const std::vector<std::size_t>& refused,
                                           std::vector<Outcome>& outcomes) {
        for (auto hop = hop_ + 1; hop < hops_.size(); ++hop) {
            smtp_client::Connection connection(executor_);
            const Opened opened = co_await open(connection, hops_[hop]);
            if (opened.failure && opened.failure->another_host) continue;
            if (opened.failure) co_return;
            const Parcel some = parcel.for_some(refused);
            const auto answers = co_await connection.send(some.mail());
            for (std::size_t i = 0; i < answers.size(); ++i)
                if (answers[i].kind == Kind::delivered)
                    outcomes[i] = outcome_from(answers[i], connection, shown(hops_[hop]), opened.tls);
            co_await connection.quit();
            co_return;
        }
    }

    struct Opened {
        std::optional<smtp_client::OpenFailure> failure;
        DeliveryTlsPtr tls;  // null: not SMTP, or no plan
    };
    asio::awaitable<Opened> open(smtp_client::Connection& connection, const NextHop& hop) {
        auto options = transport_.settings_.options;
        options.host_name = hop.name;
        auto endpoint = endpoint_of(hop);
        Opened opened;
        const auto planner = transport_.settings_.tls;
        if (!planner) {
            opened.failure = co_await connection.open(std::move(endpoint), std::move(options));
            co_return opened;
        }
        HostTls host = co_await planner->plan(hop, mx_secure_);
        // RFC 8461 5: a policy that forbids a host may have been replaced.
        if (host.refusal && host.plan.by == PlannedBy::mta_sts)
            host = co_await planner->plan(hop, mx_secure_, StsAge::fresh);
        if (host.refusal) {
            opened.failure = refusal_of(host);
        } else {
            options.tls = host.policy;
            options.requiretls = host.requiretls;
            if (host.handshake_timeout) options.timeouts.handshake = *host.handshake_timeout;
            opened.failure = co_await connection.open(std::move(endpoint), std::move(options));
        }
        // The same for the next attempt.
        const bool unmet = opened.failure && (opened.failure->result.cause == Cause::certificate ||
                                              opened.failure->result.cause == Cause::tls);
        if (unmet && !host.refusal && host.plan.by == PlannedBy::mta_sts)
            (void)co_await planner->plan(hop, mx_secure_, StsAge::fresh);
        const smtp_client::OpenFailure* const failure = opened.failure ? &*opened.failure : nullptr;
        if (failure && host.requiretls == smtp_client::RequireTls::demanded) for_good_if_certificate(*opened.failure);
        if (!connection.fallback_reason().empty()) planner->note_broken(hop);
        opened.tls = record_of(connection, *planner, host, hop, failure);
        if (transport_.settings_.on_connection)
            transport_.settings_.on_connection(
                {planner->domain(), hop, *opened.tls, connection.starttls_offered(), failure});
        co_return opened;
    }

    // RFC 8689 4.2.1: another attempt would meet the same certificate.
    static void for_good_if_certificate(smtp_client::OpenFailure& failure) {
        if (failure.result.cause != Cause::certificate) return;
        failure.result.kind = Kind::permanent;
        failure.result.status = "5.7.10";
        failure.detail = failure.result.text + (failure.detail.empty() ? "" : ": " + failure.detail);
        failure.result.text = kNotVerified;
    }

    [[nodiscard]] Outcome outcome_from(const RecipientResult& result, const smtp_client::Connection& from,
                                       const std::string& host, const DeliveryTlsPtr& tls) const {
        Outcome outcome = outcome_of(result, host).with_tls(tls);
        if (outcome.kind() != Outcome::Kind::delivered) return outcome;
        if (from.extensions().dsn) return std::move(outcome).passed_on();
        // LMTP ends in mailboxes: there nobody is left to tell of anything else.
        const bool final_host = transport_.settings_.options.protocol == smtp_client::Protocol::lmtp;
        return final_host ? outcome : std::move(outcome).relayed();
    }

    // Tries the hosts from the current one on; after one that has done its work, from the first.
    asio::awaitable<std::optional<Outcome>> connect() {
        connection_.reset();
        if (sent_ > 0) hop_ = 0;
        sent_ = 0;
        std::optional<Outcome> worst;
        for (; hop_ < hops_.size(); ++hop_) {
            auto connection = std::make_unique<smtp_client::Connection>(executor_);
            Opened opened = co_await open(*connection, hops_[hop_]);
            const auto& failure = opened.failure;
            if (!failure) {
                tls_ = std::move(opened.tls);
                connection_ = std::move(connection);
                host_ = shown(hops_[hop_]);
                lane_.reached();
                co_return std::nullopt;
            }
            // One host that may do later makes it worth another try.
            if (!worst || worst->kind() == Outcome::Kind::permanent)
                worst = outcome_of(failure->result, shown(hops_[hop_])).with_tls(opened.tls);
            if (!failure->another_host) break;
        }
        hop_ = 0;
        co_return worst;
    }

    asio::awaitable<Results> send(Parcel& parcel) {
        ++sent_;
        if (!ahead_ && connection_->extensions().pipelining && sent_ < transport_.settings_.messages)
            ahead_ = parcel_of(co_await lane_.at_hand());
        co_return co_await connection_->send(parcel.mail(), ahead_ ? &ahead_->mail() : nullptr);
    }

    // Nobody got it, and the host said nothing about the message but that it closes (421).
    [[nodiscard]] static bool broke_off(const Results& results) {
        return std::all_of(results.begin(), results.end(), [](const RecipientResult& each) {
            const bool closes =
                each.remote_said() && each.command == smtp_client::Command::mail && each.text.starts_with("421");
            return each.kind == Kind::temporary && !each.maybe_delivered() &&
                   (each.cause == Cause::connection_lost || closes);
        });
    }

    [[nodiscard]] bool may_go_elsewhere(const RecipientResult& result) const {
        return hop_ + 1 < hops_.size() && result.kind == Kind::temporary && result.remote_said();
    }

    asio::awaitable<bool> tell(Parcel& parcel, const Results& results) {
        std::vector<std::size_t> refused;
        std::vector<std::size_t> known;
        for (std::size_t i = 0; i < results.size(); ++i) (may_go_elsewhere(results[i]) ? refused : known).push_back(i);
        bool go_on = true;
        for (const auto place : known) {
            // All of them are known at once, so none is stored alone; but another host may take its time, and a crash
            // meanwhile must not repeat them.
            const bool keep = !refused.empty();
            Outcome outcome = outcome_from(results[place], *connection_, host_, tls_);
            go_on = co_await lane_.tell(parcel.shipment(), parcel.numbers()[place], std::move(outcome), keep);
        }
        std::vector<Outcome> outcomes;
        for (const auto place : refused) outcomes.push_back(outcome_from(results[place], *connection_, host_, tls_));
        if (!refused.empty() && go_on) co_await try_another_host(parcel, refused, outcomes);
        for (std::size_t i = 0; i < refused.size(); ++i)
            go_on = co_await lane_.tell(parcel.shipment(), parcel.numbers()[refused[i]], std::move(outcomes[i]), false);
        co_return go_on;
    }

    asio::awaitable<void> tell_all(Parcel& parcel, const Outcome& outcome) {
        for (const auto number : parcel.numbers()) (void)co_await lane_.tell(parcel.shipment(), number, outcome, false);
    }

    const SmtpTransport& transport_;
    Lane& lane_;
    asio::any_io_executor executor_;
    std::vector<NextHop> hops_;
    bool mx_secure_ = false;
    std::size_t hop_ = 0;
    std::unique_ptr<smtp_client::Connection> connection_;
    std::string host_;
    DeliveryTlsPtr tls_;  // of connection_
    std::size_t sent_ = 0;
    // Its commands may have left with the end of the mail before: what the connection is given next.
    std::unique_ptr<Parcel> ahead_;
};

asio::awaitable<void> SmtpTransport::serve(Lane& lane) {
    const auto executor = co_await asio::this_coro::executor;
    Channel channel(*this, lane, executor);
    co_await channel.run();
}

}  // namespace sluice::deliver
