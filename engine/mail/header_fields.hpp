// The fields of a header block as rules see and edit them (vsl-rules.md 9.8): those of a message, or those that rules
// set aside before there is one. The block is the bytes received; reading gives views, an edit replaces one field and
// leaves the bytes of all others alone.
//
// What a header block is: fields up to the empty line. A line that is neither a fold (blank or tab first) nor begins
// with `name:` is the first line of the body, as if an empty line stood in front of it. 8-bit octets, NUL, odd blanks
// and long lines are kept as they are. Names match without regard to ASCII case.
//
// Views live until the next edit of this object, and as long as it. The index of fields is built by the first call that
// needs it and reads no octet of the body but its first line. Not for two threads at once; copies are cheap (no octet
// of a field is copied) and independent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/mail/field_text.hpp"

namespace sluice::mail {

// What becomes of a value (HeaderFields::change_values).
struct ValueChange {
    enum class Kind : std::uint8_t { keep, replace, remove_field } kind = Kind::keep;
    std::string value;  // of `replace`: what stands between the colon and the last line end
};

class HeaderFields {
  public:
    HeaderFields() = default;  // no fields: the set-aside ones
    explicit HeaderFields(std::shared_ptr<const std::string> message) : raw_(std::move(message)) {}

    [[nodiscard]] std::size_t count(std::string_view name) const;
    // The value of the first field `name` without blanks (and a fold) in front and without the last line end; folds
    // stay.
    [[nodiscard]] std::optional<std::string_view> first(std::string_view name) const;
    // Everything behind the colon: blanks, folds and the last line end.
    [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
    // Whole fields, name and line ends included.
    [[nodiscard]] std::vector<std::string_view> untouched(std::string_view name) const;
    // Every line of every field with its line end: a folded field gives several.
    [[nodiscard]] std::vector<std::string_view> lines() const;

    // Edits. The result says whether something changed; after an error nothing did. What names and values may be, and
    // how long values are folded: field_text.hpp. An edit that grows the header beyond limits::message_header is an
    // error.
    Result<bool, EditError> append(std::string_view name, std::string_view value);   // behind the last field
    Result<bool, EditError> prepend(std::string_view name, std::string_view value);  // in front of the first
    // Replaces the first field `name` whole, folds included; appends one if there is none.
    Result<bool, EditError> set(std::string_view name, std::string_view value);
    // The first field `old_name` only; its value stays to the octet.
    Result<bool, EditError> rename(std::string_view old_name, std::string_view new_name);
    bool remove(std::string_view name);  // the first field `name` only
    // All fields of `front`, in their order, in front of the first: how set-aside fields reach their message.
    Result<bool, EditError> prepend_all(const HeaderFields& front);

    // For edits inside of values (address_fields.hpp): asks `change` for every field `name` in order. Its argument is
    // the text between the colon and the last line end. All changes are made, or none.
    using Change = std::function<Result<ValueChange, EditError>(std::string_view value)>;
    Result<bool, EditError> change_values(std::string_view name, const Change& change);

    [[nodiscard]] bool edited() const noexcept { return revision_ != 0; }
    [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }  // grows with each edit
    [[nodiscard]] std::size_t size() const;                                      // octets of write_to
    void write_to(std::string& out) const;  // the fields as they go out, without the empty line

    // Where the fields end in the bytes received: the empty line, or the body if there is none.
    [[nodiscard]] std::size_t raw_end() const;
    // Whether the header has come with the empty line behind it.
    [[nodiscard]] bool has_empty_line() const;

  private:
    struct Field {
        std::string_view text;  // all of it, line ends included; in `own` or the bytes received
        std::size_t name_size;
        std::size_t value;                       // behind the colon
        std::shared_ptr<const std::string> own;  // null: as received

        [[nodiscard]] std::string_view name() const { return text.substr(0, name_size); }
        [[nodiscard]] bool is(std::string_view wanted) const;
    };
    using Fields = std::deque<Field>;

    [[nodiscard]] static Field make(std::string text, std::size_t name_size, std::size_t value);
    [[nodiscard]] static Result<Field, EditError> with_value(const Field& field, std::string_view value);
    [[nodiscard]] Fields& fields() const;  // builds the index
    [[nodiscard]] Fields::iterator find(std::string_view name) const;
    [[nodiscard]] Result<Field, EditError> checked(std::string_view name, std::string_view value,
                                                   std::size_t replaced) const;
    [[nodiscard]] std::optional<EditError> check_size(std::size_t added, std::size_t removed) const;
    void replace(Fields::iterator at, Field field);

    std::shared_ptr<const std::string> raw_;
    std::uint64_t revision_ = 0;
    mutable bool indexed_ = false;
    mutable Fields fields_;
    mutable std::size_t fields_size_ = 0;  // octets of all fields
    mutable std::size_t raw_end_ = 0;
};

}  // namespace sluice::mail
