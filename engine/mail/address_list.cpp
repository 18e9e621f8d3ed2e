#include "engine/mail/address_list.hpp"

#include <algorithm>

#include "engine/base/limits.hpp"
#include "grammar/mail/address_list.hpp"

namespace sluice::mail {
namespace {

using grammar::mail::ListItem;
using grammar::mail::ListItemKind;

constexpr std::string_view blanks = " \t\r\n";
constexpr std::size_t none = static_cast<std::size_t>(-1);

// An element of the list or of a group: [separator][blanks][text][blanks], the separator being the comma in front.
struct Element {
    Span separator;
    Span text;            // without the blanks around; empty between two commas
    std::size_t end = 0;  // behind the blanks
    std::size_t mailbox = none;
    bool address = false;  // mailbox, group or unreadable: more than blanks and comments
    bool group = false;
    Span inside;  // of a group: between ":" and ";"; up to the end of `text` if ";" is missing
    std::vector<Element> members;
};

// Elements from the flat items of the grammar.
class Tree {
  public:
    Tree(std::string_view value, const std::vector<ListItem>& items) : value_(value) {
        open(top_, {0, 0});
        for (const ListItem& item : items) take(item);
        if (in_group_) close_group(value.find_last_not_of(blanks) + 1);
        close(top_, value.size());
    }

    std::vector<Element> elements() && { return std::move(top_); }

  private:
    void take(const ListItem& item) {
        const Span span{item.span.begin, item.span.end};
        std::vector<Element>& list = in_group_ ? top_.back().members : top_;
        const bool ends_group = in_group_ && item.kind == ListItemKind::semicolon;
        if (ends_group) {
            close_group(span.begin);
            group_end_ = span.end;
        } else if (item.kind == ListItemKind::comma || item.kind == ListItemKind::semicolon) {
            close(list, span.begin);
            open(list, span);
        } else {
            if (!in_group_ && top_.back().group) {  // "group: a@b; c@d", the comma between them is missing
                close(top_, group_end_);
                open(top_, {group_end_, group_end_});
            }
            Element& element = in_group_ ? list.back() : top_.back();
            element.address = true;
            if (item.kind == ListItemKind::mailbox) element.mailbox = item.mailbox;
            if (item.kind == ListItemKind::group_begin && !in_group_) open_group(span);
        }
    }

    void open_group(Span begin) {
        Element& element = top_.back();
        element.group = true;
        element.inside.begin = begin.end;
        open(element.members, {begin.end, begin.end});
        in_group_ = true;
    }
    void close_group(std::size_t end) {
        close(top_.back().members, end);
        top_.back().inside.end = end;
        in_group_ = false;
    }
    static void open(std::vector<Element>& list, Span separator) {
        list.emplace_back();
        list.back().separator = separator;
    }
    void close(std::vector<Element>& list, std::size_t end) const {
        Element& element = list.back();
        const std::string_view text = value_.substr(0, end);
        const std::size_t first = std::min(text.find_first_not_of(blanks, element.separator.end), end);
        const std::size_t last = first == end ? end : text.find_last_not_of(blanks) + 1;
        element.text = {first, last};
        element.end = end;
    }

    std::string_view value_;
    std::vector<Element> top_;
    std::size_t group_end_ = 0;
    bool in_group_ = false;
};

// Writes a list without the elements that `goes` names.
template <typename Goes>
class Removal {
  public:
    Removal(std::string_view value, const Goes& goes) : value_(value), goes_(goes) {}

    std::string write(const std::vector<Element>& top) {
        list(top);
        return std::move(out_);
    }
    [[nodiscard]] bool any() const { return any_; }

  private:
    // The first element left stands where the first one stood, the last one keeps the blanks behind the last one: so no
    // line of blanks can come to be.
    void list(const std::vector<Element>& elements) {
        const auto stays = [&](const Element& element) { return element.mailbox == none || !goes_(element.mailbox); };
        const Element* last = nullptr;
        for (const Element& element : elements) {
            if (stays(element)) last = &element;
        }
        bool first = true;
        for (const Element& element : elements) {
            if (!stays(element)) {
                any_ = true;
                continue;
            }
            const Element& place = first ? elements.front() : element;
            copy(place.separator.begin, place.text.begin);
            body(element);
            const Element& behind = &element == last ? elements.back() : element;
            copy(behind.text.end, behind.end);
            first = false;
        }
    }
    void body(const Element& element) {
        if (!element.group) return copy(element.text.begin, element.text.end);
        copy(element.text.begin, element.inside.begin);
        list(element.members);
        copy(element.inside.end, std::max(element.inside.end, element.text.end));
    }
    void copy(std::size_t begin, std::size_t end) { out_ += value_.substr(begin, end - begin); }

    std::string_view value_;
    const Goes& goes_;
    std::string out_;
    bool any_ = false;
};

bool has_address(const std::vector<Element>& elements, const auto& goes) {
    for (const Element& element : elements) {
        if (element.address && (element.mailbox == none || !goes(element.mailbox))) return true;
    }
    return false;
}

bool same(const Mailbox& a, std::string_view local_part, std::string_view domain) {
    return a.local_part == local_part && equal_names(a.domain, domain);
}

}  // namespace

std::vector<ListedMailbox> mailboxes(std::string_view value) {
    std::vector<ListedMailbox> found;
    for (auto& one : grammar::mail::parse_address_list(value).mailboxes) {
        found.push_back({one.display_name.of(value),
                         std::move(one.local_part),
                         std::move(one.domain),
                         {one.addr_spec.begin, one.addr_spec.end}});
    }
    return found;
}

bool same_mailbox(const Mailbox& a, const ListedMailbox& b) noexcept { return same(a, b.local_part, b.domain); }

std::optional<std::string> replace_mailbox(std::string_view value, const Mailbox& old_one,
                                           std::string_view replacement) {
    std::string out;
    std::size_t copied = 0;
    bool any = false;
    for (const ListedMailbox& one : mailboxes(value)) {
        if (!same_mailbox(old_one, one)) continue;
        out += value.substr(copied, one.addr_spec.begin - copied);
        out += replacement;
        copied = one.addr_spec.end;
        any = true;
    }
    if (!any) return std::nullopt;
    return out += value.substr(copied);
}

std::optional<std::string> remove_mailbox(std::string_view value, const Mailbox& gone) {
    const auto list = grammar::mail::parse_address_list(value);
    const auto goes = [&](std::size_t i) { return same(gone, list.mailboxes[i].local_part, list.mailboxes[i].domain); };
    const std::vector<Element> elements = Tree(value, list.items).elements();
    Removal removal(value, goes);
    std::string left = removal.write(elements);
    if (!removal.any()) return std::nullopt;
    return has_address(elements, goes) ? std::move(left) : std::string();
}

std::optional<std::string> add_mailbox(std::string_view value, std::string_view address, std::size_t name_size) {
    const auto list = grammar::mail::parse_address_list(value);
    if (list.unclosed) return std::nullopt;
    const std::vector<Element> elements = Tree(value, list.items).elements();
    const Element& last = elements.back();
    const bool inside = last.group && last.inside.end == last.text.end;
    const std::size_t end = value.find_last_not_of(blanks) + 1;
    std::string out(value.substr(0, end));
    if (inside ? last.members.back().address : last.address) out += ',';
    const std::size_t line = out.rfind('\n');
    const std::size_t used = line == std::string::npos ? name_size + out.size() : out.size() - line - 1;
    const bool fold = end > 0 && used + 1 + address.size() > limits::field_line_preferred;
    out += fold ? "\r\n " : " ";
    out += address;
    return out += value.substr(end);
}

}  // namespace sluice::mail
