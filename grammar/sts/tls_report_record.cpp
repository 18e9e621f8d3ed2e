#include "grammar/sts/tls_report_record.hpp"

#include <charconv>
#include <iterator>
#include <utility>

#include "grammar/mail/mailbox.hpp"
#include "grammar/mail/parameters.hpp"
#include "grammar/sts/excerpt.hpp"
#include "grammar/sts/one_record.hpp"
#include "grammar/sts/record_rules.hpp"

namespace sluice::grammar::sts {
namespace {

struct State : RecordErrors {
    TlsReportRecord record;
    TlsReportRecord read;  // of the rua field that is being read
    std::string address;   // of the URI that is being read, as these
    std::string host;
    std::string target;
    unsigned port = 0;
    bool rua = false;
    void start_uri() {
        address.clear();
        host.clear();
        target.clear();
        port = 443;
    }
};

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned octet = 0;
        (void)std::from_chars(text.data() + i + 1, text.data() + i + 3, octet, 16);
        out += static_cast<char>(octet);
        i += 2;
    }
    return out;
}

template <typename Rule>
struct Action : pegtl::nothing<Rule> {};

template <>
struct Action<rua_name> {
    static void apply0(State& state) { state.read = {}; }
};
template <>
struct Action<mailto_address> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.address = percent_decoded(in.string_view());
    }
};
template <>
struct Action<mailto_uri> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        if (mail::parse_mailbox(state.address).error != mail::MailboxError::none) {
            state.read.ignored.push_back(in.string());
            return;
        }
        ReportUri uri;
        uri.text = in.string();
        uri.address = state.address;
        state.read.uris.push_back(std::move(uri));
    }
};
template <>
struct Action<https_host> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.start_uri();
        state.host = mail::lower_case(in.string_view());
    }
};
template <>
struct Action<https_port> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        (void)std::from_chars(in.begin(), in.end(), state.port);
    }
};
template <>
struct Action<https_target> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.target = in.string();
        if (!state.target.starts_with('/')) state.target.insert(0, "/");
    }
};
template <>
struct Action<https_uri> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        // An address, which no certificate of a public CA names, ends in a label of digits.
        const std::string_view last = std::string_view(state.host).substr(state.host.rfind('.') + 1);
        const bool is_name = last.find_first_not_of("0123456789") != std::string_view::npos;
        if (!is_name || mail::check_lengths({}, state.host) != mail::MailboxError::none || state.port == 0 ||
            state.port > 65535) {
            state.read.ignored.push_back(in.string());
            return;
        }
        ReportUri uri;
        uri.scheme = ReportUri::Scheme::https;
        uri.text = in.string();
        uri.host = state.host;
        uri.port = static_cast<std::uint16_t>(state.port);
        uri.target = state.target;
        state.read.uris.push_back(std::move(uri));
    }
};
template <>
struct Action<other_uri> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.read.ignored.push_back(in.string());
    }
};
template <>
struct Action<tlsrpt_rua> {
    static void apply0(State& state) {
        state.rua = true;
        const auto append = [](auto& all, auto& more) {
            all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
        };
        append(state.record.uris, state.read.uris);
        append(state.record.ignored, state.read.ignored);
    }
};
template <>
struct Action<wrong_rua> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.complain("'" + excerpt(in.string_view()) + "' is not a list of URIs");
    }
};
template <>
struct Action<wrong_record_field> : ComplainOfField {};

}  // namespace

ParsedTlsReportRecord parse_tls_report_record(std::string_view text) {
    if (text.size() > max_record) return {std::nullopt, "more than " + std::to_string(max_record) + " octets"};
    State state;
    pegtl::memory_input in(text.data(), text.size(), "");
    const bool matched = pegtl::parse<tlsrpt_record, Action>(in, state);
    if (!matched) state.complain("'" + excerpt(text) + "' is not \"v=TLSRPTv1; rua=…\"");
    if (!state.rua) state.complain("no \"rua=…\"");
    if (state.record.uris.size() > max_report_uris) {
        state.complain("more than " + std::to_string(max_report_uris) + " URIs");
    }
    if (state.record.uris.empty()) state.complain("no URI of a mailbox or of an https host");
    if (!state.error.empty()) return {std::nullopt, std::move(state.error)};
    return {std::move(state.record), {}};
}

ParsedTlsReportRecord choose_tls_report_record(std::span<const std::string> texts) {
    return parse_only_one<begins_tlsrpt_record>(texts, "v=TLSRPTv1", &parse_tls_report_record);
}

}  // namespace sluice::grammar::sts
