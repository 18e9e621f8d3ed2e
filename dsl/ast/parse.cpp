// The only place that instantiates the grammar.
#include "dsl/ast/parse.hpp"

#include "dsl/ast/actions.hpp"
#include "dsl/ast/explain.hpp"
#include "dsl/source/utf8.hpp"
#include "grammar/vsl/error_texts.hpp"

namespace sluice::dsl::ast {

namespace {

template <class Rule>
struct Control : tao::pegtl::normal<Rule> {
    template <class Input>
    [[noreturn]] static void raise(const Input& in, Builder& builder) {
        static_assert(vsl::expected<Rule>.text != nullptr, "a rule in a must needs an entry in error_texts.hpp");
        throw Unexpected{vsl::expected<Rule>, builder.offset(in.current())};
    }
};

using Input = tao::pegtl::memory_input<tao::pegtl::tracking_mode::lazy, tao::pegtl::eol::lf, const char*>;

template <class Rule>
void run(std::string_view text, std::uint32_t from, Builder& builder) {
    Input in(text.data() + from, text.data() + text.size(), "");
    (void)tao::pegtl::parse<Rule, Action, Control>(in, builder);
}

}  // namespace

std::unique_ptr<Ast> parse(SourcePtr source, const ParseOptions& options, Diagnostics& diagnostics) {
    auto ast = std::make_unique<Ast>(source);
    Builder builder(*ast, options);
    const std::size_t errors = diagnostics.errors();
    const std::string_view text = source->text();
    try {
        if (options.expression_only) run<vsl::single_expression>(text, 0, builder);
        else run<vsl::script>(text, 0, builder);
        builder.finish(options.expression_only);
    } catch (const Unexpected& fault) {
        diagnostics.add(explain(fault, {builder.statement_begin(), builder.token_end(), builder.literal_begin()}, source));
    } catch (const SyntaxFault& fault) {
        diagnostics.add(fault.code, source, fault.span, fault.message);
    }
    for (const auto& fault : builder.faults()) diagnostics.add(fault.code, source, fault.span, fault.message);
    return diagnostics.errors() == errors ? std::move(ast) : nullptr;
}

}  // namespace sluice::dsl::ast
