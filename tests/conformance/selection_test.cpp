// One test for each row of the tables of kinds `selection` (vsl-rules.md 5.1, 5.2: STAGE SENDER > RECIPIENTS → script
// of each transaction) and `transactions` (5.3: what the recipients of one MAIL become). Rules, transactions and their
// look-up of domains are those of the program.
#include <fmt/format.h>

#include "engine/smtp/transactions.hpp"
#include "tests/conformance/expression_rows.hpp"

namespace sluice::conformance {
namespace {

// "a@b > c@d, e@f": the envelope in the order of the dialogue.
struct Envelope {
    smtp::Address sender;
    std::vector<smtp::Address> recipients;

    explicit Envelope(std::string_view text) {
        const auto arrow = text.find(" > ");
        sender = address(text.substr(0, arrow));
        for (auto rest = arrow == std::string_view::npos ? "" : text.substr(arrow + 3); !rest.empty();) {
            const auto comma = std::min(rest.find(", "), rest.size());
            recipients.push_back(address(rest.substr(0, comma)));
            rest.remove_prefix(std::min(comma + 2, rest.size()));
        }
    }
    static smtp::Address address(std::string_view text) {
        return text == "<>" ? smtp::Address{} : smtp::parse_address(text).value();
    }
};

class DomainsFixture : public filter::test::StageFixture {
  protected:
    void SetUp() override {
        StageFixture::SetUp();
        std::ofstream(root_ / "filter.vsl") << "#{}";
        configuration_.domain_dir = root_.string();
    }

    std::shared_ptr<const filter::RuleSet> load(const std::vector<std::string>& domains) {
        configuration_.domains.clear();
        for (const auto& name : domains) {
            std::filesystem::create_directories(root_ / name);
            for (const std::string kind : {"incoming", "outgoing", "internal"})
                std::ofstream(root_ / name / (kind + ".vsl")) << "#{}";
            config::Domain about;
            about.name = name;
            about.directory = (root_ / name).string();
            configuration_.domains.push_back(about);
        }
        dsl::Diagnostics diagnostics;
        return filter::RuleSet::load(configuration_, diagnostics);
    }

    // The transactions of an envelope after its last RCPT.
    static std::vector<smtp::Transaction> transactions(const Envelope& envelope, const filter::RuleSet& rules) {
        smtp::Transaction base;
        base.id = Uuid::random();
        base.reverse_path = envelope.sender;
        smtp::TransactionGroup group(std::move(base));
        for (const auto& recipient : envelope.recipients) (void)group.add(recipient, handled(rules));
        return group.take_parts();
    }

    // The one that the last recipient went to: rules of `rcpt` run with it.
    static smtp::Transaction latest(const Envelope& envelope, const filter::RuleSet& rules) {
        smtp::Transaction base;
        base.reverse_path = envelope.sender;
        smtp::TransactionGroup group(std::move(base));
        smtp::Transaction last = group.base().fork();
        for (const auto& recipient : envelope.recipients) last = group.add(recipient, handled(rules)).fork();
        return last;
    }

    static smtp::HandledLookup handled(const filter::RuleSet& rules) {
        return [&rules](std::string_view domain) -> std::optional<std::string> {
            const auto* found = rules.lookup(domain);
            return found ? std::optional(*found) : std::nullopt;
        };
    }
};

std::vector<std::string> list(std::string_view text) {
    std::vector<std::string> all;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find(' ', at), text.size());
        all.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    return all;
}

class DomainRowTest : public DomainsFixture {
  public:
    explicit DomainRowTest(Row row) : row_(std::move(row)) {}

  protected:
    std::string fact(std::string_view key) const {
        std::string value;
        for (const auto& fact : row_.given)
            if (fact.key == key) value = fact.value;
        return value;
    }
    void expect(const std::string& got) const {
        EXPECT_EQ(got, row_.expected) << row_.place.file << ":" << row_.place.line << ": " << row_.place.label << "\n  "
                                      << row_.stage << "  " << row_.statement;
    }
    Row row_;
};

class SelectionTest : public DomainRowTest {
  public:
    using DomainRowTest::DomainRowTest;
    void TestBody() override {
        const auto stage = stage_of(row_.stage);
        ASSERT_TRUE(stage) << row_.stage;
        const auto before = load(list(fact("domains")));
        ASSERT_TRUE(before);
        auto rules = before;
        if (const auto later = fact("domains_later"); !later.empty()) rules = load(list(later));
        ASSERT_TRUE(rules);
        if (row_.statement == "(no transaction)") return expect(rules->select(*stage, nullptr)->name());
        const Envelope envelope(row_.statement);
        std::string names;
        for (auto& transaction : of_stage(*stage, envelope, *before)) {
            if (const auto sender = fact("rewritten_to"); !sender.empty())
                transaction.reverse_path = Envelope::address(sender);
            names += (names.empty() ? "" : ", ") + rules->select(*stage, &transaction)->name();
        }
        expect(names);
    }

  private:
    static std::vector<smtp::Transaction> of_stage(smtp::Stage stage, const Envelope& envelope,
                                                   const filter::RuleSet& rules) {
        if (stage >= smtp::Stage::preq) return transactions(envelope, rules);
        std::vector<smtp::Transaction> one;
        one.push_back(latest(envelope, rules));
        return one;
    }
};

class TransactionsTest : public DomainRowTest {
  public:
    using DomainRowTest::DomainRowTest;
    void TestBody() override {
        const auto rules = load(list(fact("domains")));
        ASSERT_TRUE(rules);
        std::string all;
        for (const auto& part : transactions(Envelope(row_.statement), *rules)) {
            all += fmt::format("{}{}({})", all.empty() ? "" : "; ", smtp::to_string(part.type),
                               part.domain.empty() ? "none" : part.domain);
            std::string_view separator = ": ";
            for (const auto& recipient : part.recipients) {
                all += std::string(separator) + recipient.address.text;
                separator = ", ";
            }
        }
        expect(all);
    }
};

template <class Test>
void add(const Table& table, const Row& row, int number) {
    const auto name = fmt::format("{}__{}{}", test_name(row.place.label), number, row.ours ? "_ours" : "");
    testing::RegisterTest(table.name.c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [row]() -> DomainsFixture* { return new Test(row); });
}

const bool registered = [] {
    for (const auto& table : read_tables(SLUICE_CONFORMANCE_TABLES)) {
        int number = 0;
        for (const auto& row : table.rows) {
            if (table.kind == "selection") add<SelectionTest>(table, row, ++number);
            if (table.kind == "transactions") add<TransactionsTest>(table, row, ++number);
        }
    }
    return true;
}();

}  // namespace
}  // namespace sluice::conformance
