// The scripts that are open, what is known of them, and what is wrong with them. A document counts instead of the file
// on disk, for itself and for everything that imports it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dsl/ast/nodes.hpp"
#include "dsl/check/resolve.hpp"
#include "dsl/diag/diagnostic.hpp"
#include "dsl/lsp/document.hpp"
#include "dsl/source/script_loader.hpp"
#include "dsl/value/native.hpp"

namespace sluice::dsl::lsp {

// A script that could be parsed, with its names resolved as far as they can be.
struct Script {
    std::unique_ptr<ast::Ast> tree;
    check::Resolution names;
};

enum class ScriptKind { rules, module, configuration, tests };

struct Problem {
    std::string code;
    Severity severity = Severity::error;
    Range range;
    std::string message;
    std::string hint;
    std::string other_file;  // where it really is, if not in this script
    Range other_range;
};

// What a check of the whole configuration tells of a file on disk beyond what is found here: its keys and values.
using SavedCheck = std::function<std::vector<Problem>(const std::string& root, const Document& document)>;

class Workspace {
  public:
    // `test_library`: what *.test.vsl may call. It outlives the workspace.
    Workspace(SavedCheck saved_check, const NativeTable& test_library)
        : saved_check_(std::move(saved_check)), test_library_(test_library) {}

    void set_folders(std::vector<std::string> folders) { folders_ = std::move(folders); }
    Document& open(std::string uri, std::string text);
    void close(const std::string& uri);
    // Null if it is not open.
    [[nodiscard]] Document* find(const std::string& uri);
    [[nodiscard]] std::vector<Document*> documents();
    // After its text changed.
    void changed(const Document& document);

    [[nodiscard]] std::vector<Problem> problems(const Document& document, bool saved);
    // The document as it could last be parsed; null if it never could.
    [[nodiscard]] const Script* script(const Document& document) const;
    // That script is of the text as it is now.
    [[nodiscard]] bool is_current(const Document& document) const;
    [[nodiscard]] ScriptKind kind(const Document& document) const;
    [[nodiscard]] const NativeTable& natives(const Document& document) const;

    // The file an import names, whether or not it exists.
    [[nodiscard]] std::string import_target(const Document& document, std::string_view written) const;
    // As the editor calls it, if it is open.
    [[nodiscard]] std::string uri_of(const std::string& path) const;
    // A module, parsed from an open document or from disk; null if it cannot be.
    [[nodiscard]] std::shared_ptr<const Script> module(const std::string& path);
    [[nodiscard]] bool imports(const Document& document) const;

  private:
    struct Open {
        std::unique_ptr<Document> document;
        std::shared_ptr<const Script> last;
        bool current = false;
    };
    class Loader : public ScriptLoader {
      public:
        explicit Loader(const Workspace& workspace) : workspace_(workspace) {}
        [[nodiscard]] std::optional<std::string> load(const std::string& path) override;
        [[nodiscard]] std::vector<std::string> beside(const std::string& path) const override;

      private:
        const Workspace& workspace_;
        FileLoader files_;
    };

    [[nodiscard]] std::string root_of(const std::string& path) const;
    void check_rules(const Document& document, const std::string& root, Diagnostics& found);
    void check_module(const Document& document, const std::string& root, Diagnostics& found);
    void check_alone(const Document& document, const std::string& root, Diagnostics& found);
    [[nodiscard]] Problem problem_of(const Document& document, const Diagnostic& diagnostic) const;

    SavedCheck saved_check_;
    const NativeTable& test_library_;
    std::vector<std::string> folders_;
    std::map<std::string, Open> open_;  // by URI
    Loader loader_{*this};
};

}  // namespace sluice::dsl::lsp
