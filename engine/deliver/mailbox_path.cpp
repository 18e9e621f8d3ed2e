#include "engine/deliver/mailbox_path.hpp"

#include <climits>

namespace sluice::deliver {

namespace {

// Room for what a Maildir adds is not needed: these are directories.
constexpr std::size_t kLongestComponent = NAME_MAX;

bool is_unsafe(unsigned char byte, bool first) {
    return byte < 0x20 || byte == 0x7f || byte == '/' || byte == '%' || (first && byte == '.');
}

std::string unquoted(std::string_view local) {
    if (local.size() < 2 || !local.starts_with('"') || !local.ends_with('"')) return std::string(local);
    std::string out;
    for (std::size_t i = 1; i + 1 < local.size(); ++i) {
        if (local[i] == '\\' && i + 2 < local.size()) ++i;
        out += local[i];
    }
    return out;
}

}  // namespace

MailboxAddress split_address(std::string_view address) {
    const std::size_t at = address.rfind('@');
    MailboxAddress split{unquoted(address.substr(0, at)), {}};
    if (at == std::string_view::npos) return split;
    split.domain = address.substr(at + 1);
    for (char& c : split.domain) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return split;
}

std::string safe_component(std::string_view value) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    if (value.empty()) return "%";
    std::string out;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (!is_unsafe(byte, out.empty())) {
            out += c;
        } else {
            out += {'%', kDigits[byte >> 4u], kDigits[byte & 15u]};
        }
    }
    return out;
}

MailboxPath::Parsed MailboxPath::parse(std::string_view text) {
    MailboxPath path;
    path.text_ = text;
    path.in_home_ = text.starts_with("~/");
    if (!path.in_home_ && !text.starts_with('/')) return {std::nullopt, "a mailbox path must be absolute"};
    bool personal = path.in_home_;
    for (std::string_view rest = text.substr(text.find('/') + 1); !rest.empty();) {
        const std::size_t slash = rest.find('/');
        const std::string component(rest.substr(0, slash));
        rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
        if (component.empty()) continue;
        if (component == "." || component == "..")
            return {std::nullopt, "a mailbox path must not contain " + component};
        for (std::size_t i = component.find('%'); i != std::string::npos; i = component.find('%', i + 2)) {
            const char kind = i + 1 < component.size() ? component[i + 1] : '\0';
            if (kind == 'u') personal = true;
            if (kind != 'u' && kind != 'd' && kind != '%') {
                return {std::nullopt, "unknown placeholder %" + std::string(kind != '\0' ? 1 : 0, kind) +
                                          " in a mailbox path (there are %d, %u and %%)"};
            }
        }
        path.components_.push_back(component);
    }
    if (path.components_.empty()) return {std::nullopt, "a mailbox path must name a mailbox"};
    if (!personal) return {std::nullopt, "a mailbox path must contain %u, or all users would share one mailbox"};
    return {std::move(path), {}};
}

MailboxPath MailboxPath::of(MailboxOwner owner) && {
    owner_ = std::move(owner);
    return std::move(*this);
}

std::optional<std::filesystem::path> MailboxPath::expand(const MailboxAddress& address) const {
    if (in_home_ && !owner_) return std::nullopt;
    std::filesystem::path path = in_home_ ? owner_->home : "/";
    for (const std::string& component : components_) {
        std::string expanded;
        for (std::size_t i = 0; i < component.size(); ++i) {
            if (component[i] != '%') {
                expanded += component[i];
                continue;
            }
            switch (component[++i]) {
                case 'd': expanded += safe_component(address.domain); break;
                case 'u': expanded += safe_component(owner_ ? owner_->name : address.local_part); break;
                default: expanded += '%'; break;
            }
        }
        if (expanded.size() > kLongestComponent) return std::nullopt;
        path /= expanded;
    }
    return path;
}

}  // namespace sluice::deliver
