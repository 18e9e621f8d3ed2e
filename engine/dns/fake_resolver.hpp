// Answers from a table, for tests and for rules tested with fake answers. May be used from several threads.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/dns/resolver.hpp"

namespace sluice::dns {

class FakeResolver : public Resolver {
  public:
    struct Question {
        Name name;  // absolute
        RecordType type = RecordType::a;
        friend bool operator==(const Question&, const Question&) = default;
    };

    // Names are taken as absolute. No records: no_data, which makes the name exist. A later call replaces an earlier.
    void set(const Name& name, RecordType type, std::vector<Record> records, bool secure = false);
    // Any outcome. An answer without canonical name gets the name asked for.
    void set(const Name& name, RecordType type, Answer answer);
    // Every answer comes that much later; the wait can be cancelled.
    void delay(std::chrono::milliseconds by);

    // A name in the table: no_data for types without answer. Any other name: no_domain.
    [[nodiscard]] asio::awaitable<Answer> query(Name name, RecordType type) override;

    [[nodiscard]] std::vector<Question> questions() const;  // in the order they were asked

  private:
    [[nodiscard]] Answer look_up(const Name& name, RecordType type) const;

    mutable std::mutex mutex_;
    std::map<Name, std::map<RecordType, Answer>> table_;
    std::chrono::milliseconds delay_{0};
    std::vector<Question> questions_;
};

}  // namespace sluice::dns
