// What the readers of other products' configurations fill and vsl_writer.hpp writes: listeners, certificates, delivery
// scopes and policies in our terms (tls.md 1 and 4.3), with our keys.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sluice::migrate {

// A map that keeps the order in which its names came.
template <class T>
class Named {
  public:
    [[nodiscard]] T& operator[](std::string_view name) {
        if (auto* known = find(name)) return *known;
        return entries_.emplace_back(std::string(name), T()).second;
    }
    [[nodiscard]] const T* find(std::string_view name) const noexcept {
        const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return e.first == name; });
        return at == entries_.end() ? nullptr : &at->second;
    }
    [[nodiscard]] T* find(std::string_view name) noexcept { return const_cast<T*>(std::as_const(*this).find(name)); }
    void remove(std::string_view name) {
        std::erase_if(entries_, [&](const auto& entry) { return entry.first == name; });
    }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] auto begin() const noexcept { return entries_.begin(); }
    [[nodiscard]] auto end() const noexcept { return entries_.end(); }
    [[nodiscard]] auto begin() noexcept { return entries_.begin(); }
    [[nodiscard]] auto end() noexcept { return entries_.end(); }
    [[nodiscard]] bool operator==(const Named&) const = default;

  private:
    std::vector<std::pair<std::string, T>> entries_;
};

using Strings = std::vector<std::string>;
using Value = std::variant<bool, std::string, Strings>;
using Keys = Named<Value>;  // of a `tls` map

enum class ListenerKind : std::uint8_t { relay, submission, submissions };

struct Listener {
    std::string address;  // "0.0.0.0:25", "[::]:25"
    ListenerKind kind = ListenerKind::relay;
    Keys tls;
};

struct CertificatePair {
    std::string certificate;
    std::string private_key;  // empty: it is in `certificate`

    [[nodiscard]] bool operator==(const CertificatePair&) const = default;
};

// A directory below domain-available.
struct HostedDomain {
    std::vector<CertificatePair> certificates;
    Strings server_names;
};

struct Binding {
    Keys tls;
    Named<Keys> domains;
};

struct BindingGroup {
    Keys tls;
    Named<Keys> domains;
    Named<Binding> bindings;
};

// An entry of config.tls_policy (tls.md 4.6).
struct PolicyEntry {
    std::string send;
    std::string note;  // may be empty
};

struct Model {
    std::string server_name;  // empty: not known
    std::vector<Listener> listeners;
    Strings listener_notes;  // comments above them: what is switched off
    Keys server_tls;
    Named<Keys> peers;
    Strings auth_mechanisms;  // empty: no AUTH
    Named<HostedDomain> hosted;

    Strings delivery_notes;  // comments above the global keys
    Keys delivery_tls;
    Named<Keys> domains;
    Named<Binding> bindings;
    Named<BindingGroup> groups;

    Named<PolicyEntry> policies;
};

}  // namespace sluice::migrate
