// What became of each option of another product's configuration. Nothing is dropped in silence: an option is carried
// over, has no counterpart because none is needed (a notice), or is not carried over, with the reason and what to do
// instead. The verdicts are those of tls.md 6.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::migrate {

struct Place {
    std::string file;        // as it was given, or as it was included
    std::uint32_t line = 0;  // 0: the file as a whole

    [[nodiscard]] bool operator==(const Place&) const = default;
};

enum class Outcome : std::uint8_t { carried, notice, not_carried };

struct Remark {
    Outcome outcome = Outcome::carried;
    Place place;
    std::string option;   // as written: `TLS_Ciphers = "DEFAULT"`
    std::string text;     // carried: where it went, `config.server.tls.ciphers`; else why
    std::string instead;  // what to do; empty if there is nothing to do

    [[nodiscard]] bool operator==(const Remark&) const = default;
};

class Report {
  public:
    // An option that goes to several places is carried once, with all of them.
    void carried(const Place& place, std::string_view option, std::string_view target);
    void notice(const Place& place, std::string_view option, std::string_view text, std::string_view instead = {});
    void not_carried(const Place& place, std::string_view option, std::string_view why, std::string_view instead);

    // In the order of files and lines, as they were read.
    [[nodiscard]] const std::vector<Remark>& all() const noexcept { return all_; }
    [[nodiscard]] std::size_t count(Outcome outcome) const noexcept;
    // Groups the remarks of one file and sorts them by line.
    void sort();

  private:
    // An option that several scopes inherit is looked at several times, and told about once.
    void add_once(Remark remark);

    std::vector<Remark> all_;
};

// For a terminal: what was not carried over, the notices, and the numbers. Carried options are only counted.
[[nodiscard]] std::string render(const Report& report);

}  // namespace sluice::migrate
