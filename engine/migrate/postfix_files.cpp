#include "engine/migrate/postfix_files.hpp"

#include <fmt/format.h>

#include "engine/migrate/source_text.hpp"
#include "engine/migrate/tls_values.hpp"
#include "grammar/mail/parameters.hpp"

namespace sluice::migrate::postfix {

namespace {

constexpr std::string_view blanks = " \t\r\v\f";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// Words with blanks between; `{ … }` is one word, without the braces, as in `-o { name = value }`.
Strings words_of(std::string_view text) {
    Strings words;
    while (!(text = trimmed(text)).empty()) {
        const bool braced = text.front() == '{' && text.find('}') != std::string_view::npos;
        const auto end = braced ? text.find('}') : std::min(text.find_first_of(blanks), text.size());
        words.emplace_back(braced ? trimmed(text.substr(1, end - 1)) : text.substr(0, end));
        text.remove_prefix(braced ? end + 1 : end);
    }
    return words;
}

struct Assignment {
    std::string name;
    std::string value;
};

std::optional<Assignment> assignment(std::string_view text) {
    const auto equals = text.find('=');
    const auto name = trimmed(text.substr(0, equals));
    if (equals == std::string_view::npos || name.empty() || name.find_first_of(blanks) != std::string_view::npos)
        return std::nullopt;
    return Assignment{std::string(name), std::string(trimmed(text.substr(equals + 1)))};
}

void add_override(Service& service, const std::string& text) {
    if (const auto parsed = assignment(text))
        service.overrides[parsed->name] = {parsed->value, service.place};
    else
        service.other_arguments.push_back("-o " + text);
}

std::optional<Service> service_of(const LogicalLine& line) {
    const auto words = words_of(line.text);
    if (words.size() < 8) return std::nullopt;
    Service service{words[0], words[1], words[7], {}, {}, line.place};
    for (std::size_t i = 8; i < words.size(); ++i) {
        if (words[i] == "-o" && i + 1 < words.size())
            add_override(service, words[++i]);
        else if (words[i].starts_with("-o") && words[i].find('=') != std::string::npos)
            add_override(service, words[i].substr(2));
        else
            service.other_arguments.push_back(words[i]);
    }
    return service;
}

void wrong_line(dsl::Diagnostics& diagnostics, const dsl::SourcePtr& source, const Place& place,
                std::string_view message, std::string_view hint) {
    const auto line = source->line(place.line);
    syntax_error(diagnostics, source, static_cast<std::uint32_t>(line.data() - source->text().data()), message, hint);
}

class Expander {
  public:
    Expander(const Parameters& parameters, std::string& unknown) : parameters_(parameters), unknown_(unknown) {}

    std::optional<std::string> expand(std::string_view value) {
        if (depth_ == max_depth) return fail(fmt::format("names that refer to each other ({})", value));
        ++depth_;
        std::string out;
        bool good = true;
        while (good && !value.empty()) {
            const auto dollar = std::min(value.find('$'), value.size());
            out += value.substr(0, dollar);
            value.remove_prefix(dollar);
            if (!value.empty()) good = reference(value, out);
        }
        --depth_;
        return good ? std::optional(out) : std::nullopt;
    }

  private:
    static constexpr unsigned max_depth = 20;

    std::nullopt_t fail(std::string_view name) {
        unknown_ = name;
        return std::nullopt;
    }

    // Takes one "$…" from the front of `value`.
    bool reference(std::string_view& value, std::string& out) {
        value.remove_prefix(1);
        if (value.starts_with('$')) {
            out += '$';
            value.remove_prefix(1);
            return true;
        }
        std::string_view name;
        if (value.starts_with('{') || value.starts_with('(')) {
            const auto end = closing(value);
            if (end == std::string_view::npos) return fail(value), false;
            name = value.substr(1, end - 1);
            value.remove_prefix(end + 1);
        } else {
            const auto end = std::min(value.find_first_not_of(name_characters), value.size());
            name = value.substr(0, end);
            value.remove_prefix(end);
        }
        return insert(name, out);
    }

    static std::size_t closing(std::string_view value) {
        unsigned open = 0;
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (value[i] == '{' || value[i] == '(') ++open;
            if ((value[i] == '}' || value[i] == ')') && --open == 0) return i;
        }
        return std::string_view::npos;
    }

    bool insert(std::string_view reference, std::string& out) {
        const auto end = std::min(reference.find_first_not_of(name_characters), reference.size());
        const auto name = reference.substr(0, end);
        const auto rest = reference.substr(end);
        const auto* parameter = parameters_.find(name);
        if (name.empty() || (!rest.empty() && rest.front() != '?' && rest.front() != ':'))
            return fail(reference), false;
        if (!rest.empty()) {
            // A name that is not written may still have a value with Postfix; an empty one is certain.
            if (parameter == nullptr) return fail(name), false;
            if (parameter->value.empty() == (rest.front() == '?')) return true;
            return append(rest.substr(1), out);
        }
        if (parameter == nullptr) return fail(name), false;
        return append(parameter->value, out);
    }

    bool append(std::string_view text, std::string& out) {
        const auto expanded = expand(text);
        if (expanded) out += *expanded;
        return expanded.has_value();
    }

    static constexpr std::string_view name_characters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    const Parameters& parameters_;
    std::string& unknown_;
    unsigned depth_ = 0;
};

}  // namespace

std::optional<std::vector<LogicalLine>> logical_lines(const dsl::SourcePtr& source, dsl::Diagnostics& diagnostics) {
    std::vector<LogicalLine> lines;
    std::string note;
    std::uint32_t number = 0;
    for (auto text = source->text(); !text.empty();) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto raw = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        const auto content = trimmed(raw);
        if (content.empty()) {
            note.clear();
        } else if (content.front() == '#') {
            const auto words = trimmed(content.substr(std::min(content.find_first_not_of('#'), content.size())));
            if (!words.empty()) note += (note.empty() ? "" : " ") + std::string(words);
        } else if (blanks.find(raw.front()) == std::string_view::npos) {
            lines.push_back({std::string(content), {source->name(), number}, note});
            note.clear();
        } else if (lines.empty()) {
            wrong_line(diagnostics, source, {source->name(), number}, "this line goes on with none",
                       "a line that begins with a blank belongs to the one before");
            return std::nullopt;
        } else {
            lines.back().text += ' ' + std::string(content);
        }
    }
    return lines;
}

std::optional<Parameters> read_main(const dsl::SourcePtr& source, Report& report, dsl::Diagnostics& diagnostics) {
    const auto lines = logical_lines(source, diagnostics);
    if (!lines) return std::nullopt;
    Parameters parameters;
    for (const auto& line : *lines) {
        const auto parsed = assignment(line.text);
        if (!parsed) {
            wrong_line(diagnostics, source, line.place, "expected name = value",
                       "if it belongs to the line before, it must begin with a blank");
            return std::nullopt;
        }
        if (const auto* earlier = parameters.find(parsed->name)) {
            report.notice(earlier->place, fmt::format("{} = {}", parsed->name, earlier->value),
                          fmt::format("set again in line {}, which counts", line.place.line));
            parameters.remove(parsed->name);
        }
        parameters[parsed->name] = {parsed->value, line.place};
    }
    return parameters;
}

std::optional<std::vector<Service>> read_master(const dsl::SourcePtr& source, dsl::Diagnostics& diagnostics) {
    const auto lines = logical_lines(source, diagnostics);
    if (!lines) return std::nullopt;
    std::vector<Service> services;
    for (const auto& line : *lines) {
        auto service = service_of(line);
        if (!service) {
            wrong_line(diagnostics, source, line.place, "expected a service in eight columns",
                       "name, type, private, unprivileged, chroot, wake-up, processes, command; arguments of the line "
                       "before begin with a blank");
            return std::nullopt;
        }
        services.push_back(std::move(*service));
    }
    return services;
}

std::optional<std::vector<Entry>> read_table(const dsl::SourcePtr& source, Report& report,
                                             dsl::Diagnostics& diagnostics) {
    const auto lines = logical_lines(source, diagnostics);
    if (!lines) return std::nullopt;
    std::vector<Entry> entries;
    for (const auto& line : *lines) {
        const auto end = std::min(line.text.find_first_of(blanks), line.text.size());
        Entry entry{grammar::mail::lower_case(line.text.substr(0, end)),
                    std::string(trimmed(std::string_view(line.text).substr(end))), line.place, line.note};
        const auto same =
            std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key == entry.key; });
        if (same != entries.end())
            report.notice(line.place, line.text, fmt::format("line {} has the same key, and counts", same->place.line));
        else
            entries.push_back(std::move(entry));
    }
    return entries;
}

std::optional<std::string> expand(std::string_view value, const Parameters& parameters, std::string& unknown) {
    return Expander(parameters, unknown).expand(value);
}

}  // namespace sluice::migrate::postfix
