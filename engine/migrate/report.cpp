#include "engine/migrate/report.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sluice::migrate {

namespace {

std::string shown(const Place& place) {
    return place.line == 0 ? place.file : fmt::format("{}:{}", place.file, place.line);
}

std::string options(std::size_t count) { return fmt::format("{} option{}", count, count == 1 ? "" : "s"); }

}  // namespace

void Report::carried(const Place& place, std::string_view option, std::string_view target) {
    const auto known = std::find_if(all_.rbegin(), all_.rend(), [&](const Remark& remark) {
        return remark.outcome == Outcome::carried && remark.place.line == place.line && remark.option == option &&
               remark.place.file == place.file;
    });
    if (known == all_.rend()) {
        all_.push_back({Outcome::carried, place, std::string(option), std::string(target), {}});
    } else if ((", " + known->text + ",").find(fmt::format(", {},", target)) == std::string::npos) {
        known->text += fmt::format(", {}", target);
    }
}

void Report::add_once(Remark remark) {
    const bool known = std::ranges::any_of(
        all_, [&](const Remark& other) { return other.place.line == remark.place.line && other == remark; });
    if (!known) all_.push_back(std::move(remark));
}

void Report::notice(const Place& place, std::string_view option, std::string_view text, std::string_view instead) {
    add_once({Outcome::notice, place, std::string(option), std::string(text), std::string(instead)});
}

void Report::not_carried(const Place& place, std::string_view option, std::string_view why, std::string_view instead) {
    add_once({Outcome::not_carried, place, std::string(option), std::string(why), std::string(instead)});
}

std::size_t Report::count(Outcome outcome) const noexcept {
    return static_cast<std::size_t>(
        std::count_if(all_.begin(), all_.end(), [&](const Remark& remark) { return remark.outcome == outcome; }));
}

void Report::sort() {
    std::vector<std::string> files;
    for (const auto& remark : all_)
        if (std::find(files.begin(), files.end(), remark.place.file) == files.end()) files.push_back(remark.place.file);
    const auto rank = [&](const Remark& remark) {
        return std::pair(std::find(files.begin(), files.end(), remark.place.file), remark.place.line);
    };
    std::stable_sort(all_.begin(), all_.end(), [&](const Remark& a, const Remark& b) { return rank(a) < rank(b); });
}

std::string render(const Report& report) {
    std::string out;
    const auto list = [&](Outcome outcome, std::string_view word) {
        for (const auto& remark : report.all()) {
            if (remark.outcome != outcome) continue;
            out += fmt::format("{}: {}: {}: {}\n", shown(remark.place), word, remark.option, remark.text);
            if (!remark.instead.empty()) out += fmt::format("  hint: {}\n", remark.instead);
        }
    };
    list(Outcome::not_carried, "not carried over");
    list(Outcome::notice, "notice");
    return out + fmt::format("{} carried over, {} with a notice, {} not carried over\n",
                             options(report.count(Outcome::carried)), report.count(Outcome::notice),
                             report.count(Outcome::not_carried));
}

}  // namespace sluice::migrate
