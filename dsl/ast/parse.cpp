// The only place that instantiates the grammar.
#include "dsl/ast/parse.hpp"

#include <algorithm>

#include "dsl/ast/actions.hpp"
#include "dsl/ast/checks.hpp"
#include "dsl/ast/explain.hpp"
#include "dsl/ast/recovery.hpp"
#include "dsl/source/utf8.hpp"
#include "grammar/vsl/error_texts.hpp"

namespace sluice::dsl::ast {

namespace {

template <class Rule>
struct Control : tao::pegtl::normal<Rule> {
    template <class Input>
    [[noreturn]] static void raise(const Input& in, Builder& builder) {
        static_assert(vsl::expected<Rule>.text != nullptr, "a rule in a need<> has an entry in error_texts.hpp");
        throw Unexpected{vsl::expected<Rule>, builder.offset(in.current())};
    }
};

using Input = tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy, tao::pegtl::eol::lf, const char*>;

// A file can be wrong from top to bottom; nobody reads further than this.
constexpr int max_syntax_errors = 20;
constexpr std::size_t max_file_size = std::size_t{1} << 30;

class Parser {
  public:
    Parser(const SourcePtr& source, const ParseOptions& options, std::vector<Diagnostic>& found)
        : ast_(std::make_unique<Ast>(source)), options_(options), builder_(*ast_, options), found_(found) {}

    std::unique_ptr<Ast> run() {
        if (options_.expression_only) {
            if (!attempt<vsl::single_expression>(0)) builder_.abandon(broken_, reached_);
        } else if (!attempt<vsl::script>(0)) {
            recover();
            builder_.abandon(broken_, reached_);
        }
        for (const auto& fault : builder_.faults()) add(fault);
        builder_.finish(options_.expression_only);
        check(*ast_, options_.directives, found_);
        return std::move(ast_);
    }

  private:
    [[nodiscard]] const SourcePtr& source() const { return ast_->source(); }

    void add(const SyntaxFault& fault) { found_.push_back({fault.code, source(), fault.span, fault.message, {}}); }

    // Parses from `begin`; on a syntax error records it and where it was.
    template <class Rule>
    bool attempt(std::uint32_t begin) {
        const std::string_view text = source()->text();
        try {
            Input in(text.data() + begin, text.data() + text.size(), "");
            (void)tao::pegtl::parse<Rule, Action, Control>(in, builder_);
            reached_ = broken_ = builder_.offset(in.current());
            return true;
        } catch (const Unexpected& fault) {
            const FaultPlace place{builder_.statement_begin(), builder_.token_end(), builder_.literal_begin(),
                                   builder_.nesting.limit, options_.directives};
            found_.push_back(explain(fault, place, source()));
            reached_ = fault.at;
        } catch (const SyntaxFault& fault) {
            add(fault);
            reached_ = fault.span.begin;
        }
        broken_ = builder_.statement_begin();
        return false;
    }

    // Errors in one statement share its beginning, so that brackets are counted from a place that is known to be good.
    void recover() {
        for (int errors = 1; errors < max_syntax_errors;) {
            const std::uint32_t statement = builder_.statement_begin();
            const auto next = find_resume(source()->text(), statement, reached_, options_.directives);
            if (!next) return;
            builder_.abandon(broken_, next->at);
            if (next->directive) {
                if (!attempt<vsl::single_directive>(next->at)) ++errors;
                builder_.statement_done(statement);
            } else if (attempt<vsl::script_rest>(next->at)) {
                return;
            } else {
                ++errors;
            }
        }
    }

    std::unique_ptr<Ast> ast_;
    const ParseOptions& options_;
    Builder builder_;
    std::vector<Diagnostic>& found_;
    std::uint32_t reached_ = 0;  // how far the last attempt came
    std::uint32_t broken_ = 0;   // where the construct begins that it could not parse
};

std::vector<Diagnostic> problems_of_file(const SourcePtr& source) {
    if (source->text().size() >= max_file_size) return {{Code::file_too_large, source, {}, {}, {}}};
    if (const auto bad = find_invalid_utf8(source->text())) {
        const auto at = static_cast<std::uint32_t>(*bad);
        return {{Code::invalid_utf8, source, {at, at + 1}, {}, {}}};
    }
    return {};
}

}  // namespace

std::unique_ptr<Ast> parse(SourcePtr source, const ParseOptions& options, Diagnostics& diagnostics) {
    std::vector<Diagnostic> found = problems_of_file(source);
    std::unique_ptr<Ast> ast;
    if (found.empty()) ast = Parser(source, options, found).run();
    std::stable_sort(found.begin(), found.end(),
                     [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; });
    for (auto& diagnostic : found) diagnostics.add(std::move(diagnostic));
    return found.empty() ? std::move(ast) : nullptr;
}

}  // namespace sluice::dsl::ast
