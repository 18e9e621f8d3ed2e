// msg:: (vsl-rules.md 9.8): the header of the message that is there, or of the one that is to come, and its MIME parts.
#include <fmt/format.h>

#include "dsl/lib/mail_objects.hpp"
#include "engine/filter/stage_context.hpp"
#include "engine/filter/text_handle.hpp"
#include "engine/mail/address_fields.hpp"

namespace sluice::filter {

using dsl::NativeCall;
using dsl::Outcome;
using dsl::Value;
using dsl::lib::text_of;

mail::Message& StageContext::message() {
    if (!message_) message_.emplace(transaction->message);
    return *message_;
}

mail::HeaderFields& StageContext::header() {
    if (transaction && transaction->message) return message().header();
    if (!set_aside_) {
        auto fields = std::make_shared<std::string>();
        for (const auto& field : fields_to_come()) *fields += field;
        set_aside_.emplace(std::move(fields));
    }
    return *set_aside_;
}

std::vector<std::string>& StageContext::fields_to_come() {
    return transaction ? transaction->headers : session.headers;
}

std::shared_ptr<const mail::MimeParts> StageContext::mime() {
    if (!mime_ || mime_->bytes != message().bytes())
        mime_ = std::make_shared<const mail::MimeParts>(mail::parts(message()));
    return mime_;
}

void StageContext::store_edits() {
    if (message_ && message_->edited()) transaction->message = message_->bytes();
    if (set_aside_ && set_aside_->edited()) {
        auto& fields = fields_to_come();
        fields.assign(1, {});
        set_aside_->write_to(fields.front());
    }
}

namespace {

template <class Texts>
Value array_of(const Texts& texts) {
    dsl::Values items;
    for (const auto& text : texts) items.push_back(Value::string(text));
    return dsl::make_array(std::move(items));
}

Outcome done(NativeCall& call, const Result<bool, mail::EditError>& edited) {
    return edited ? call.ok() : call.fail(edited.error().text);
}

struct PartObject final : dsl::HostObject {
    std::shared_ptr<const mail::MimeParts> mime;
    std::size_t index;
    PartObject(std::shared_ptr<const mail::MimeParts> m, std::size_t i) : mime(std::move(m)), index(i) {}
    [[nodiscard]] const mail::Part& part() const { return mime->parts[index]; }
    [[nodiscard]] std::string_view type() const noexcept override { return "part"; }
    [[nodiscard]] std::string text() const override {
        const auto& name = part().file_name;
        return name.empty() ? part().content_type : fmt::format("{} \"{}\"", part().content_type, name);
    }
    [[nodiscard]] Answer equals(const Value&, std::string&) const override { return Answer::undefined; }
    [[nodiscard]] bool property(std::string_view name, Value& value, std::string& why) const override;
};

std::string_view encoding_name(mail::TransferEncoding encoding) {
    static constexpr std::string_view names[] = {"7bit", "8bit", "binary", "quoted-printable", "base64", "unknown"};
    return names[static_cast<std::size_t>(encoding)];
}

bool PartObject::property(std::string_view name, Value& value, std::string&) const {
    if (name == "type")
        value = Value::string(part().content_type);
    else if (name == "charset")
        value = Value::string(part().charset);
    else if (name == "name")
        value = Value::string(part().file_name);
    else if (name == "disposition")
        value = Value::string(part().disposition);
    else if (name == "encoding")
        value = Value::string(encoding_name(part().encoding));
    else if (name == "size")
        value = Value::integer(static_cast<std::int64_t>(mail::decoded_size(*mime, part())));
    else if (name == "depth")
        value = Value::integer(static_cast<std::int64_t>(part().depth));
    else if (name == "is_attachment")
        value = Value::boolean(part().is_attachment);
    else if (name == "malformed")
        value = Value::boolean(part().malformed);
    else
        return false;
    return true;
}

Outcome list_parts(StageContext& context, NativeCall& call, bool attachments_only) {
    const auto mime = context.mime();
    if (mime->truncated != mail::Truncation::none)
        return call.fail(mime->truncated == mail::Truncation::depth
                             ? fmt::format("the parts of the message nest deeper than {}", limits::mime_depth)
                             : fmt::format("the message has more than {} parts", limits::mime_parts));
    dsl::Values items;
    for (std::size_t i = 0; i < mime->parts.size(); ++i)
        if (!attachments_only || mime->parts[i].is_attachment) items.push_back(dsl::make_object<PartObject>(mime, i));
    return call.ok(dsl::make_array(std::move(items)));
}

}  // namespace

namespace functions {

Outcome msg_has_header(StageContext& c, NativeCall& call) {
    return call.ok(Value::boolean(c.header().count(text_of(call.args[0])) != 0));
}
Outcome msg_count_header(StageContext& c, NativeCall& call) {
    return call.ok(Value::integer(static_cast<std::int64_t>(c.header().count(text_of(call.args[0])))));
}
Outcome msg_get_header(StageContext& c, NativeCall& call) {
    return call.ok(Value::string(c.header().first(text_of(call.args[0])).value_or("")));
}
Outcome msg_get_all_headers(StageContext& c, NativeCall& call) { return call.ok(array_of(c.header().lines())); }
Outcome msg_get_all_headers_of(StageContext& c, NativeCall& call) {
    return call.ok(array_of(c.header().values(text_of(call.args[0]))));
}
Outcome msg_get_header_untouched(StageContext& c, NativeCall& call) {
    return call.ok(array_of(c.header().untouched(call.args[0].as_string())));
}
Outcome msg_append_header(StageContext& c, NativeCall& call) {
    return done(call, c.header().append(call.args[0].as_string(), text_of(call.args[1])));
}
Outcome msg_prepend_header(StageContext& c, NativeCall& call) {
    return done(call, c.header().prepend(call.args[0].as_string(), text_of(call.args[1])));
}
Outcome msg_set_header(StageContext& c, NativeCall& call) {
    return done(call, c.header().set(call.args[0].as_string(), text_of(call.args[1])));
}
Outcome msg_rename_header(StageContext& c, NativeCall& call) {
    return done(call, c.header().rename(text_of(call.args[0]), text_of(call.args[1])));
}
Outcome msg_rm_header(StageContext& c, NativeCall& call) {
    return call.ok(Value::boolean(c.header().remove(text_of(call.args[0]))));
}
Outcome msg_mail(StageContext& c, NativeCall& call) {
    const auto bytes = c.message().bytes();
    if (call.limits.string_bytes != 0 && bytes->size() > call.limits.string_bytes)
        return call.fail(fmt::format("the message has {} bytes, more than a string may have", bytes->size()));
    return call.ok(Value::string(*bytes));
}
Outcome msg_rw_mail_from(StageContext& c, NativeCall& call) {
    return done(call, mail::rewrite_from(c.header(), text_of(call.args[0])));
}
Outcome msg_rw_rcpt(StageContext& c, NativeCall& call) {
    return done(call, mail::rewrite_recipient(c.header(), text_of(call.args[0]), text_of(call.args[1])));
}
Outcome msg_add_rcpt(StageContext& c, NativeCall& call) {
    return done(call, mail::add_recipient(c.header(), text_of(call.args[0])));
}
Outcome msg_rm_rcpt(StageContext& c, NativeCall& call) {
    return done(call, mail::remove_recipient(c.header(), text_of(call.args[0])));
}
Outcome msg_parts(StageContext& c, NativeCall& call) { return list_parts(c, call, false); }
Outcome msg_attachments(StageContext& c, NativeCall& call) { return list_parts(c, call, true); }

Outcome part_content(StageContext&, NativeCall& call) {
    const auto* object = dsl::host_as<PartObject>(call.args[0]);
    if (!object)
        return call.fail(
            fmt::format("content() is of the parts that msg::parts() gives, not of {}", dsl::type_name(call.args[0])));
    const auto most = call.limits.array_items == 0 ? SIZE_MAX : static_cast<std::size_t>(call.limits.array_items);
    auto decoded = mail::decode(*object->mime, object->part(), most);
    if (decoded.truncated) return call.fail(fmt::format("the part has more than {} bytes", most));
    return call.ok(dsl::make_blob(dsl::Bytes(decoded.bytes.begin(), decoded.bytes.end())));
}

Outcome msg_handle(StageContext& c, NativeCall& call) {
    return call.ok(make_text_handle("message", *c.message().bytes()));
}
Outcome srv_handle(StageContext& c, NativeCall& call) {
    return call.ok(make_text_handle("server", c.session.server_name));
}

}  // namespace functions

}  // namespace sluice::filter
