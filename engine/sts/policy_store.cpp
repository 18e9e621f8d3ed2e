#include "engine/sts/policy_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/io/durable_file.hpp"
#include "engine/tls/name_table.hpp"

namespace sluice::sts {

namespace {

std::uint64_t in_blocks(std::uint64_t octets) {
    const std::uint64_t block = limits::sts_store_block;
    return std::max<std::uint64_t>((octets + block - 1) / block, 1) * block;
}

// No domain begins with a dot.
std::string temporary_name(const std::string& domain) { return '.' + domain; }

}  // namespace

PolicyStore::Opened PolicyStore::open(const std::filesystem::path& directory, std::uint64_t most) {
    if (const std::error_code failed = io::make_directories(directory)) {
        return {nullptr, fmt::format("cannot make {}: {}", directory.string(), failed.message())};
    }
    std::shared_ptr<PolicyStore> store(new PolicyStore(directory, most));
    std::string error = store->scan();
    if (error.empty()) error = store->make_room();
    if (!error.empty()) return {nullptr, std::move(error)};
    return {std::move(store), {}};
}

std::string PolicyStore::scan() {
    struct Seen {
        std::filesystem::file_time_type written;
        std::string domain;
        std::uint64_t octets = 0;
    };
    std::vector<Seen> seen;
    std::error_code failed;
    for (std::filesystem::directory_iterator each(directory_, failed), end; !failed && each != end;
         each.increment(failed)) {
        const std::string name = each->path().filename().string();
        std::error_code gone;
        if (!each->is_regular_file(gone)) continue;
        if (name.starts_with('.') && tls::is_sni_name(std::string_view(name).substr(1))) {
            // What a crash has left of save().
            (void)io::remove_file(each->path());
        } else if (tls::is_sni_name(name)) {
            const std::uint64_t octets = each->file_size(gone);
            const auto written = each->last_write_time(gone);
            if (!gone) seen.push_back({written, name, octets});
        }
    }
    if (failed) return fmt::format("cannot read {}: {}", directory_.string(), failed.message());
    std::sort(seen.begin(), seen.end(), [](const Seen& a, const Seen& b) {
        return std::tie(a.written, a.domain) < std::tie(b.written, b.domain);
    });
    for (const Seen& each : seen) note(each.domain, each.octets);
    return {};
}

bool PolicyStore::has(const std::string& domain) const {
    const std::lock_guard lock(index_mutex_);
    return files_.contains(domain);
}

void PolicyStore::note(const std::string& domain, std::uint64_t octets) {
    forget(domain);
    const std::lock_guard lock(index_mutex_);
    const File file{next_turn_++, in_blocks(octets)};
    files_[domain] = file;
    turns_[file.turn] = domain;
    octets_ += file.octets;
}

void PolicyStore::forget(const std::string& domain) {
    const std::lock_guard lock(index_mutex_);
    const auto found = files_.find(domain);
    if (found == files_.end()) return;
    turns_.erase(found->second.turn);
    octets_ -= found->second.octets;
    files_.erase(found);
}

std::optional<std::string> PolicyStore::oldest_beyond_limit() const {
    const std::lock_guard lock(index_mutex_);
    if (octets_ <= most_ || turns_.empty()) return std::nullopt;
    return turns_.begin()->second;
}

std::string PolicyStore::make_room() {
    while (const auto oldest = oldest_beyond_limit()) {
        if (const std::error_code failed = io::remove_file(directory_ / *oldest)) {
            return fmt::format("cannot remove {}: {}", (directory_ / *oldest).string(), failed.message());
        }
        forget(*oldest);
    }
    return {};
}

PolicyStore::Loaded PolicyStore::load(const std::string& domain) {
    if (!has(domain)) return {};
    const std::filesystem::path path = directory_ / domain;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        forget(domain);
        return {std::nullopt, fmt::format("cannot read {}", path.string())};
    }
    std::string text(limits::sts_file + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    Result<CachedPolicy, std::string> parsed = parse_cached(domain, text);
    if (parsed && text.size() <= limits::sts_file) return {std::move(*parsed), {}};
    const std::string_view what = parsed ? "too long" : std::string_view(parsed.error());
    const std::string removal = remove(domain);
    forget(domain);
    return {std::nullopt, fmt::format("{} is damaged ({}){}{}", path.string(), what,
                                      removal.empty() ? " and was removed" : "; ", removal)};
}

std::string PolicyStore::save(const std::string& domain, const CachedPolicy& cached) {
    const std::string text = print_cached(domain, cached);
    const std::string_view parts[] = {text};
    const std::filesystem::path path = directory_ / domain;
    const std::lock_guard lock(files_mutex_);
    if (const std::error_code failed = io::replace_file(path, directory_ / temporary_name(domain), parts)) {
        return fmt::format("cannot write {}: {}", path.string(), failed.message());
    }
    note(domain, text.size());
    return make_room();
}

std::string PolicyStore::remove(const std::string& domain) {
    const std::lock_guard lock(files_mutex_);
    if (const std::error_code failed = io::remove_file(directory_ / domain)) {
        return fmt::format("cannot remove {}: {}", (directory_ / domain).string(), failed.message());
    }
    forget(domain);
    return {};
}

}  // namespace sluice::sts
