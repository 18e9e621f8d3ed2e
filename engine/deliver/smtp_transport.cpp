#include "engine/deliver/smtp_transport.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/ascii.hpp"
#include "engine/mail/header_lines.hpp"

namespace sluice::deliver {

namespace {

using smtp_client::Cause;
using smtp_client::Kind;
using smtp_client::RecipientResult;

std::string notify_text(std::uint8_t notify) {
    if (notify & queue::notify_never) return "NEVER";
    std::string text;
    for (const auto& [bit, word] :
         {std::pair(queue::notify_success, "SUCCESS"), std::pair(queue::notify_failure, "FAILURE"),
          std::pair(queue::notify_delay, "DELAY")})
        if (notify & bit) text += (text.empty() ? "" : ",") + std::string(word);
    return text;
}

// A shipment, or what some of its recipients are to get of it, as the client wants it. Stays where it is while it is
// being sent.
class Parcel {
  public:
    Parcel(std::shared_ptr<Shipment> shipment, std::vector<std::size_t> recipients)
        : shipment_(std::move(shipment)), numbers_(std::move(recipients)) {
        const auto& envelope = shipment_->envelope();
        for (const auto number : numbers_) {
            const auto& recipient = envelope.recipients[number];
            notify_.push_back(notify_text(recipient.notify));
            recipients_.push_back({recipient.address, recipient.original_recipient, {}});
        }
        // Only now do the texts stay where they are.
        for (std::size_t i = 0; i < recipients_.size(); ++i) recipients_[i].notify = notify_[i];
        content_ = {shipment_->prefix(), shipment_->body()};
        mail_.reverse_path = envelope.reverse_path;
        mail_.recipients = recipients_;
        mail_.content = content_;
        mail_.eight_bit = !is_ascii(content_[0]) || !is_ascii(content_[1]);
        mail_.smtputf8 = envelope.smtputf8 && needs_smtputf8(envelope);
        mail_.envid = envelope.envelope_id;
        mail_.ret = envelope.ret == "FULL"   ? smtp_client::Ret::full
                    : envelope.ret == "HDRS" ? smtp_client::Ret::headers
                                             : smtp_client::Ret::unset;
    }
    Parcel(const Parcel&) = delete;
    Parcel& operator=(const Parcel&) = delete;

    [[nodiscard]] const smtp_client::Mail& mail() const noexcept { return mail_; }
    [[nodiscard]] Shipment& shipment() const noexcept { return *shipment_; }
    // In the envelope, of the mail's recipients.
    [[nodiscard]] const std::vector<std::size_t>& numbers() const noexcept { return numbers_; }
    // What it has for the recipients at those places.
    [[nodiscard]] Parcel for_some(const std::vector<std::size_t>& places) const {
        std::vector<std::size_t> numbers;
        for (const auto place : places) numbers.push_back(numbers_[place]);
        return {shipment_, std::move(numbers)};
    }
    [[nodiscard]] std::shared_ptr<Shipment> take() noexcept { return std::move(shipment_); }

  private:
    // Whether it is really needed, not whether the sender could have needed it.
    [[nodiscard]] bool needs_smtputf8(const queue::Envelope& envelope) const {
        return !is_ascii(envelope.reverse_path) || !is_ascii(mail::header_section(content_[1])) ||
               std::any_of(recipients_.begin(), recipients_.end(),
                           [](const auto& each) { return !is_ascii(each.forward_path); });
    }

    std::shared_ptr<Shipment> shipment_;
    std::vector<std::size_t> numbers_;
    std::vector<std::string> notify_;
    std::vector<smtp_client::Recipient> recipients_;
    std::array<std::string_view, 2> content_;
    smtp_client::Mail mail_;
};

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
            const auto failure = co_await open(connection, hops_[hop]);
            if (failure && failure->another_host) continue;
            if (failure) co_return;
            const Parcel some = parcel.for_some(refused);
            const auto answers = co_await connection.send(some.mail());
            for (std::size_t i = 0; i < answers.size(); ++i)
                if (answers[i].kind == Kind::delivered)
                    outcomes[i] = outcome_from(answers[i], connection, shown(hops_[hop]));
            co_await connection.quit();
            co_return;
        }
    }

    asio::awaitable<std::optional<smtp_client::OpenFailure>> open(smtp_client::Connection& connection,
                                                                  const NextHop& hop) {
        auto options = transport_.settings_.options;
        options.host_name = hop.name;
        auto endpoint = endpoint_of(hop);
        co_return co_await connection.open(std::move(endpoint), std::move(options));
    }

    [[nodiscard]] Outcome outcome_from(const RecipientResult& result, const smtp_client::Connection& from,
                                       const std::string& host) const {
        Outcome outcome = outcome_of(result, host);
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
            const auto failure = co_await open(*connection, hops_[hop_]);
            if (!failure) {
                connection_ = std::move(connection);
                host_ = shown(hops_[hop_]);
                lane_.reached();
                co_return std::nullopt;
            }
            // One host that may do later makes it worth another try.
            if (!worst || worst->kind() == Outcome::Kind::permanent)
                worst = outcome_of(failure->result, shown(hops_[hop_]));
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
            Outcome outcome = outcome_from(results[place], *connection_, host_);
            go_on = co_await lane_.tell(parcel.shipment(), parcel.numbers()[place], std::move(outcome), keep);
        }
        std::vector<Outcome> outcomes;
        for (const auto place : refused) outcomes.push_back(outcome_from(results[place], *connection_, host_));
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
    std::size_t hop_ = 0;
    std::unique_ptr<smtp_client::Connection> connection_;
    std::string host_;
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
