// Typed access to a map a configuration script returned: wrong types and unknown keys become diagnostics that quote
// the place in the script where the key is written.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diag/diagnostic.hpp"
#include "dsl/value/objects.hpp"

namespace sluice::config {

// Where keys are looked up in the source for messages, and where messages go.
struct Context {
    dsl::Diagnostics& diagnostics;
    std::vector<dsl::SourcePtr> sources;  // scripts that may have written the key, the likeliest first
};

class Reader {
  public:
    // `path` is shown in messages: "config.server.tls".
    Reader(Context& context, const dsl::Value& map, std::string path);

    // Each leaves `to` alone when the key is absent or (). The key counts as known from then on.
    void string(std::string_view key, std::string& to);
    void string(std::string_view key, std::optional<std::string>& to);
    void boolean(std::string_view key, bool& to);
    void integer(std::string_view key, std::int64_t& to, std::int64_t least, std::int64_t most);
    void duration(std::string_view key, std::chrono::milliseconds& to);
    void seconds(std::string_view key, std::chrono::seconds& to);
    void strings(std::string_view key, std::vector<std::string>& to);  // a list, or one string
    template <class Enum>
    void choice(std::string_view key, Enum& to, std::initializer_list<std::pair<std::string_view, Enum>> choices) {
        std::string text;
        string(key, text);
        if (text.empty()) return;
        std::string expected;
        for (const auto& [name, value] : choices) {
            if (text == name) {
                to = value;
                return;
            }
            expected += (expected.empty() ? "'" : ", '") + std::string(name) + "'";
        }
        problem(key, "'" + text + "' is not one of " + expected);
    }
    [[nodiscard]] std::optional<Reader> map(std::string_view key);
    // A list of maps; what is no map in it is reported.
    [[nodiscard]] std::vector<Reader> maps(std::string_view key);
    [[nodiscard]] const dsl::Value* value(std::string_view key);  // null if absent or ()
    [[nodiscard]] std::vector<std::string> keys() const;
    // From now on `name` is read from the key `old`, which is known then. Both being there is reported.
    void rename(std::string_view old, std::string_view name);
    // The key is known but does nothing here: a warning that says why.
    void without_effect(std::string_view key, std::string_view why);
    // The key means something that this version cannot do: an error.
    void not_available(std::string_view key, std::string_view what);
    void problem(std::string_view key, std::string text, std::string hint = {},
                 dsl::Code code = dsl::Code::config_value);
    void warning(std::string_view key, std::string text, std::string hint = {});
    // Reports every key that nobody asked for.
    void finish();
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::pair<dsl::SourcePtr, dsl::Span> place(std::string_view key) const;

  private:
    void wrong_type(std::string_view key, std::string_view expected, const dsl::Value& got);

    Context& context_;
    const dsl::Value map_;
    std::string path_;
    std::set<std::string, std::less<>> known_;
    std::map<std::string, std::string, std::less<>> written_as_;  // our name -> the key of the map
};

}  // namespace sluice::config
