// Sections 4, 10, 11, 13 and 16: operands, calls, closures.
#include "tests/reference/evaluator.hpp"

namespace sluice::reference {

using ast::as;
using ast::Kind;

namespace {
// Values are copied whole here, and shared by the machine: what doubles again and again is too much for this side only.
void count(const Value& value, std::size_t& left) {
    if (left == 0) throw GaveUp("large values");
    --left;
    if (value.is<Array>())
        for (const auto& item : value.as<Array>()) count(item, left);
    if (value.is<Map>())
        for (const auto& [key, item] : value.as<Map>()) count(item, left);
}
}  // namespace

Value Evaluator::eval(const ast::Node& node) {
    auto value = eval_node(node);
    if (value.is<Array>() || value.is<Map>()) {
        std::size_t left = 20'000;
        count(value, left);
    }
    return value;
}

Value Evaluator::eval_node(const ast::Node& node) {
    switch (node.kind) {
        case Kind::unit: return unit();
        case Kind::boolean: return boolean(as<ast::Boolean>(node).value);
        case Kind::integer: return integer(as<ast::Integer>(node).value);
        case Kind::floating: return floating(as<ast::Floating>(node).value);
        case Kind::character: return character(as<ast::Character>(node).value);
        case Kind::string: return string(std::string(as<ast::String>(node).value));
        case Kind::template_: {
            std::string text;
            for (const auto* part : as<ast::Template>(node).parts) text += to_text(eval(*part));
            check_string(text.size());
            return string(std::move(text));
        }
        case Kind::array: return array(arguments(as<ast::Array>(node).items));
        case Kind::map: {
            Map entries;
            for (const auto& entry : as<ast::Map>(node).entries) entries[std::string(entry.key)] = eval(*entry.value);
            return map(std::move(entries));
        }
        case Kind::name: return name(as<ast::Name>(node));
        case Kind::this_: return self();
        case Kind::path: {
            const auto& segments = as<ast::Path>(node).segments;
            if (segments.size() != 2 || segments[0].name != "global") throw GaveUp("modules");
            const auto found = globals_.find(std::string(segments[1].name));
            if (found == globals_.end() || tree_.functions.empty()) fail("ErrorVariableNotFound", "global");
            return found->second;
        }
        case Kind::call: return call_node(as<ast::Call>(node));
        case Kind::closure: return closure(as<ast::Closure>(node));
        case Kind::index:
        case Kind::property:
        case Kind::method: return chain(node);
        case Kind::unary: return unary(as<ast::Unary>(node));
        case Kind::binary: return binary_node(as<ast::Binary>(node));
        case Kind::block: return block(as<ast::Block>(node).statements);
        case Kind::if_: return if_(as<ast::If>(node));
        case Kind::switch_: return switch_(as<ast::Switch>(node));
        case Kind::while_: return while_(as<ast::While>(node));
        case Kind::loop: return loop(as<ast::Loop>(node));
        case Kind::do_: return do_(as<ast::Do>(node));
        case Kind::for_: return for_(as<ast::For>(node));
        default: return statement(node);
    }
}

const Value& Evaluator::self() const {
    if (!frame_->self) fail("ErrorUnboundThis");
    return *frame_->self;
}

Value Evaluator::name(const ast::Name& node) {
    if (const auto cell = find(node.name)) {
        copied(cell->value);
        return cell->value;
    }
    if (!is_function(node.name)) fail("ErrorVariableNotFound", std::string(node.name));
    auto pointer = std::make_shared<Fn>();
    pointer->name = node.name;
    return {FnPtr(std::move(pointer))};
}

Value Evaluator::binary_node(const ast::Binary& node) {
    using ast::BinaryOp;
    const auto operand_bool = [&](const ast::Node& side) {
        const Value value = eval(side);
        if (!value.is<bool>()) fail("ErrorMismatchDataType");
        return value.as<bool>();
    };
    switch (node.op) {
        case BinaryOp::and_: return boolean(operand_bool(*node.left) && operand_bool(*node.right));
        case BinaryOp::or_: return boolean(operand_bool(*node.left) || operand_bool(*node.right));
        case BinaryOp::coalesce: {
            Value left = eval(*node.left);
            return left.is<Unit>() ? eval(*node.right) : left;
        }
        case BinaryOp::in:
        case BinaryOp::not_in: {
            const Value container = eval(*node.right);  // the right side first
            return binary(node.op, eval(*node.left), container);
        }
        default: {
            const Value left = eval(*node.left);
            return binary(node.op, left, eval(*node.right));
        }
    }
}

Value Evaluator::unary(const ast::Unary& node) {
    const Value value = eval(*node.operand);
    switch (node.op) {
        case ast::UnaryOp::minus:
            if (value.is<Int>()) {
                if (value.as<Int>() == INT64_MIN) fail("ErrorArithmetic");
                return integer(-value.as<Int>());
            }
            if (value.is<double>()) return floating(-value.as<double>());
            break;
        case ast::UnaryOp::plus:
            if (value.is_number()) return value;
            break;
        case ast::UnaryOp::not_:
            if (value.is<bool>()) return boolean(!value.as<bool>());
            break;
    }
    fail("ErrorFunctionNotFound", "unary (" + type_name(value) + ")");
}

Value Evaluator::closure(const ast::Closure& node) {
    auto pointer = std::make_shared<Fn>();
    pointer->name = "anon$";
    pointer->closure = &node;
    const auto visible = [&](const std::string& name) { return find(name) != nullptr || is_function(name); };
    for (const auto& free : free_names(node, visible)) {
        if (auto cell = find(free)) {
            cell->shared = true;
            pointer->captured.emplace_back(free, std::move(cell));
        } else if (!is_function(free)) {
            fail("ErrorVariableNotFound", free);
        }
    }
    return {FnPtr(std::move(pointer))};
}

// --- calls

const ast::Function* Evaluator::function(std::string_view name, std::size_t params) const {
    for (const auto* f : tree_.functions)
        if (f->name == name && f->params.size() == params) return f;
    return nullptr;
}

bool Evaluator::is_function(std::string_view name) const {
    for (const auto* f : tree_.functions)
        if (f->name == name) return true;
    return false;
}

Array Evaluator::arguments(ast::Nodes nodes, std::size_t from) {
    Array values;
    for (auto i = from; i < nodes.size(); ++i) values.push_back(eval(*nodes[i]));
    return values;
}

namespace {
[[noreturn]] void no_function(std::string_view name, const Array& args) {
    std::string types;
    for (const auto& arg : args) types += (types.empty() ? "" : ", ") + type_name(arg);
    fail("ErrorFunctionNotFound", std::string(name) + " (" + types + ")");
}
}  // namespace

Value Evaluator::call_node(const ast::Call& node) {
    if (node.callee.size() > 1) throw GaveUp("modules");
    if (node.caller_scope) throw GaveUp("calls in the scope of the caller");
    const auto name = node.callee.front().name;
    if (auto value = special_call(name, node)) return std::move(*value);
    if (const auto* target = function(name, node.args.size())) {
        auto args = arguments(node.args);
        return run_function(target->params, *target->body, {}, std::move(args), nullptr, nullptr, false);
    }
    // A plain variable is passed by reference to functions that change their first argument.
    const std::string plain(name);
    if (!node.args.empty() && node.args[0]->kind == Kind::name && library_mutates(plain, node.args.size())) {
        const auto cell = find(as<ast::Name>(*node.args[0]).name);
        if (cell && !cell->constant) {
            auto rest = arguments(node.args, 1);
            auto found = call_library(*this, plain, &cell->value, rest, false);
            if (found) return std::move(found->value);
            rest.insert(rest.begin(), cell->value);
            no_function(name, rest);
        }
    }
    auto args = arguments(node.args);
    const auto given = args;
    if (args.empty()) {
        if (auto found = call_library(*this, plain, nullptr, args, false)) return std::move(found->value);
        no_function(name, given);
    }
    Value first = std::move(args.front());
    args.erase(args.begin());
    if (auto found = call_library(*this, plain, &first, args, false)) return std::move(found->value);
    no_function(name, given);
}

std::optional<Value> Evaluator::special_call(std::string_view name, const ast::Call& node) {
    const auto count = node.args.size();
    if ((name == "call" || name == "curry") && count > 0) {
        auto args = arguments(node.args);
        Value first = std::move(args.front());
        args.erase(args.begin());
        bool changed = false;
        bool native = false;
        return method_on_value(std::string(name), first, args, false, false, changed, native);
    }
    if (name == "Fn" && count == 1) {
        const Value text = eval(*node.args[0]);
        if (!text.is<std::string>()) fail("ErrorFunctionNotFound", "Fn (" + type_name(text) + ")");
        const auto& wanted = text.as<std::string>();
        const auto letter = wanted.find_first_not_of('_');
        bool good = letter != std::string::npos && (std::isalpha(static_cast<unsigned char>(wanted[letter])) != 0);
        for (const char c : wanted) good = good && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_');
        if (!good) fail("ErrorFunctionNotFound", wanted);
        if (wanted == "if" || wanted == "let" || wanted == "fn" || wanted == "this") fail("ErrorParsing");
        auto pointer = std::make_shared<Fn>();
        pointer->name = wanted;
        return Value{FnPtr(std::move(pointer))};
    }
    if (name == "is_def_var" && count == 1 && node.args[0]->kind == Kind::string)
        return boolean(find(as<ast::String>(*node.args[0]).value) != nullptr);
    if (name == "is_def_fn" && count == 2 && node.args[0]->kind == Kind::string &&
        node.args[1]->kind == Kind::integer) {
        const Int params = as<ast::Integer>(*node.args[1]).value;
        return boolean(params >= 0 &&
                       function(as<ast::String>(*node.args[0]).value, static_cast<std::size_t>(params)) != nullptr);
    }
    if (name == "is_shared" && count == 1 && node.args[0]->kind == Kind::name) {
        const auto cell = find(as<ast::Name>(*node.args[0]).name);
        return boolean(cell && cell->shared);
    }
    return std::nullopt;
}

// The body of a function or closure, in a frame of its own. Changes of `this` go to `self` and are noted in `changed`.
Value Evaluator::run_function(ast::List<ast::Decl*> params, const ast::Node& body, std::vector<Binding> names,
                              Array args, Value* self, bool* changed, bool self_constant) {
    struct Back {
        Evaluator& evaluator;
        Frame* frame;
        std::uint32_t depth;
        ~Back() {
            evaluator.frame_ = frame;
            evaluator.depth_ = depth;
        }
    } back{*this, frame_, depth_};
    spend();
    enter();
    Frame frame;
    frame.names = std::move(names);
    frame.self = self;
    frame.self_changed = changed;
    frame.self_constant = self_constant;
    frame_ = &frame;
    for (std::size_t i = 0; i < params.size(); ++i) {
        copied(args[i]);
        declare(params[i]->name, std::move(args[i]), false);
    }
    try {
        return body.kind == Kind::block ? block(as<ast::Block>(body).statements) : statement(body);
    } catch (Return& returned) {
        return std::move(returned.value);
    } catch (ScriptError& error) {
        error.in_function = true;
        throw;
    }
}

Value Evaluator::call(const Value& fn, Array args, Value* self, bool* changed) {
    if (!fn.is<FnPtr>()) fail("ErrorFunctionNotFound", "call");
    spend();
    return call_pointer(*fn.as<FnPtr>(), std::move(args), self, changed, false);
}

int Evaluator::arity(const Value& fn) const {
    const auto& pointer = *fn.as<FnPtr>();
    int params = -1;
    if (pointer.closure) {
        params = static_cast<int>(pointer.closure->params.size());
    } else {
        for (const auto* f : tree_.functions) {
            if (f->name != pointer.name) continue;
            if (params >= 0) return -1;
            params = static_cast<int>(f->params.size());
        }
    }
    return params < 0 ? -1 : params - static_cast<int>(pointer.curried.size());
}

Value Evaluator::call_pointer(const Fn& fn, Array args, Value* self, bool* changed, bool self_constant) {
    Array all = fn.curried;
    all.insert(all.end(), args.begin(), args.end());
    if (fn.closure) {
        if (fn.closure->params.size() != all.size()) no_function("anonymous function", all);
        // The closure outlives the call even if the variable that held it is assigned meanwhile.
        return run_function(fn.closure->params, *fn.closure->body, fn.captured, std::move(all), self, changed,
                            self_constant);
    }
    if (const auto* target = function(fn.name, all.size()))
        return run_function(target->params, *target->body, {}, std::move(all), self, changed, self_constant);
    const auto given = all;
    Value first;
    Value* receiver = self;
    if (!self && !all.empty()) {
        first = std::move(all.front());
        all.erase(all.begin());
        receiver = &first;
    }
    auto found = call_library(*this, fn.name, receiver, all, false);
    if (!found) no_function(fn.name, given);
    if (found->mutates && self && changed) *changed = true;
    return std::move(found->value);
}

}  // namespace sluice::reference
