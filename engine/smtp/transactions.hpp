// How the recipients of one MAIL are spread over transactions (vsl-rules.md 5.3, decisions.md), and how the outcomes of
// those become one reply to DATA. Pure: no I/O, no rules.
//
//   sender handled, recipient in the very same domain   -> internal
//   sender handled, any other recipient                 -> outgoing
//   sender not handled or null, recipient handled by D  -> incoming(D), one transaction for each D
//   neither handled                                     -> incoming("")
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/smtp/envelope.hpp"

namespace sluice::smtp {

// Rules::handled.
using HandledLookup = std::function<std::optional<std::string>(std::string_view domain)>;

struct Route {
    TransactionType type = TransactionType::undecided;
    std::string domain;  // Transaction::domain

    friend bool operator==(const Route&, const Route&) = default;
};

[[nodiscard]] Route classify(const Address& reverse_path, const Address& recipient, const HandledLookup& handled);

// What MAIL began: the state after the mail stage, and the transactions its recipients made of it.
class TransactionGroup {
  public:
    explicit TransactionGroup(Transaction after_mail) : base_(std::move(after_mail)) {}

    // State after the mail stage. Its id is the id of the first part.
    [[nodiscard]] Transaction& base() noexcept { return base_; }

    // Appends a recipient to the part it belongs to, which is made if there is none yet. The reference is valid until
    // the next add() or refuse(). Each part starts from base(): what rules did for one recipient's domain does not show
    // in another's, whatever the order of the RCPTs. Recipients that rules added at `mail` go with the first part.
    [[nodiscard]] Transaction& add(Address recipient, const HandledLookup& handled);

    // Takes the latest recipient back, with all that rules added for it, and its part if nothing else is in it.
    void refuse();

    [[nodiscard]] std::size_t recipient_count() const noexcept { return accepted_; }  // given by the client

    // The parts that have recipients, internal first. The group is used up.
    [[nodiscard]] std::vector<Transaction> take_parts();

  private:
    Transaction& make_part(const Route& route);

    Transaction base_;
    std::vector<Transaction> parts_;
    std::size_t latest_ = 0;  // part of the latest recipient
    bool made_by_latest_ = false;
    std::uint32_t commands_ = 0;
    std::size_t accepted_ = 0;
};

// What became of one part at the end of DATA.
struct PartOutcome {
    bool kept = true;  // false: refused, or dropped if the reply is positive
    Reply reply;
};

struct DataOutcome {
    Reply reply;
    bool store = false;  // false: nothing of this message may be kept
};

// Worst code wins: any 4xx -> that reply, nothing kept. All refused with 5xx -> 5xx. Otherwise the lines of those that
// were not refused. `outcomes` is not empty.
[[nodiscard]] DataOutcome combine(std::span<const PartOutcome> outcomes);

}  // namespace sluice::smtp
