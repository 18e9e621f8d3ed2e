// Sections 7, 8, 9 and 14: variables, blocks, control flow, errors.
#include <utility>

#include "tests/reference/evaluator.hpp"

namespace sluice::reference {

using ast::as;
using ast::Kind;

Evaluator::~Evaluator() {
    for (auto& cell : cells_) cell->value = unit();
}

Value Evaluator::run() {
    Frame frame;
    frame.top_level = true;
    frame_ = &frame;
    enter();
    try {
        return statements(tree_.statements);
    } catch (Return& returned) {
        return std::move(returned.value);
    }
}

void Evaluator::enter() {
    if (depth_ > budget_.depth) fail("ErrorStackOverflow");
    usage_.depth = std::max(usage_.depth, ++depth_);
}

void Evaluator::spend() {
    if (++usage_.operations > budget_.operations) fail("ErrorTooManyOperations");
}

void Evaluator::copied(const Value& value) {
    usage_.copies += nodes(value);
    if (usage_.copies > budget_.copies) throw GaveUp("too much to copy");
}

void Evaluator::print(const std::string& line) {
    printed_ += line + "\n";
    if (printed_.size() > 1'000'000) throw GaveUp("too much printed");
}

void Evaluator::check_string(std::size_t bytes) {
    usage_.size = std::max(usage_.size, bytes * 100 / budget_.string_bytes);
    if (bytes > budget_.string_bytes) fail("ErrorDataTooLarge");
}
void Evaluator::check_array(std::size_t items) {
    usage_.size = std::max(usage_.size, items * 100 / budget_.array_items);
    if (items > budget_.array_items) fail("ErrorDataTooLarge");
}
void Evaluator::check_map(std::size_t entries) {
    usage_.size = std::max(usage_.size, entries * 100 / budget_.map_items);
    if (entries > budget_.map_items) fail("ErrorDataTooLarge");
}

CellPtr Evaluator::declare(std::string_view name, Value value, bool constant) {
    auto cell = std::make_shared<Cell>(Cell{std::move(value), constant});
    cells_.push_back(cell);
    frame_->names.emplace_back(std::string(name), cell);
    return cell;
}

CellPtr Evaluator::find(std::string_view name) const {
    for (auto at = frame_->names.rbegin(); at != frame_->names.rend(); ++at)
        if (at->first == name) return at->second;
    return nullptr;
}

// The value of a list of statements is that of the last one that is no empty statement.
Value Evaluator::statements(ast::Nodes nodes) {
    Value last;
    for (const auto* node : nodes)
        if (node->kind != Kind::empty) last = statement(*node);
    return last;
}

Value Evaluator::block(ast::Nodes nodes) {
    struct Scope {
        Frame& frame;
        std::size_t size = frame.names.size();
        bool top_level = std::exchange(frame.top_level, false);
        ~Scope() {
            frame.names.resize(size);
            frame.top_level = top_level;
        }
    } scope{*frame_};
    return statements(nodes);
}

Value Evaluator::statement(const ast::Node& node) {
    switch (node.kind) {
        case Kind::let: let(as<ast::Let>(node)); return unit();
        case Kind::assign: assign(as<ast::Assign>(node)); return unit();
        case Kind::try_: return try_(as<ast::Try>(node));
        case Kind::break_: throw Break{as<ast::Break>(node).value ? eval(*as<ast::Break>(node).value) : unit()};
        case Kind::continue_: throw Continue{};
        case Kind::return_: throw Return{as<ast::Return>(node).value ? eval(*as<ast::Return>(node).value) : unit()};
        case Kind::throw_: {
            const auto* value = as<ast::Throw>(node).value;
            ScriptError error{"ErrorRuntime", value ? eval(*value) : unit(), ""};
            // In a catch block, () raises the caught error again.
            if (error.thrown.is<Unit>() && !frame_->caught.empty()) throw ScriptError(*frame_->caught.back());
            throw error;
        }
        case Kind::import:
        case Kind::export_:
        case Kind::directive: throw GaveUp("modules and directives");
        case Kind::empty:
        case Kind::function: return unit();
        default: return eval(node);
    }
}

void Evaluator::let(const ast::Let& node) {
    const auto& decl = *node.decl;
    if (node.init && node.init->kind == Kind::closure && !find(decl.name) && !is_function(decl.name)) {
        const auto cell = declare(decl.name, unit(), decl.is_const);  // the closure may name the variable holding it
        cell->value = eval(*node.init);
        if (decl.is_const && frame_->top_level) globals_[std::string(decl.name)] = cell->value;
        return;
    }
    Value value = node.init ? eval(*node.init) : unit();
    copied(value);
    if (decl.is_const && frame_->top_level) globals_[std::string(decl.name)] = value;
    declare(decl.name, std::move(value), decl.is_const);
}

bool Evaluator::condition(const ast::Node& node) {
    const Value value = eval(node);
    if (!value.is<bool>()) fail("ErrorMismatchDataType");
    return value.as<bool>();
}

Value Evaluator::if_(const ast::If& node) {
    if (condition(*node.condition)) return eval(*node.then);
    return node.otherwise ? eval(*node.otherwise) : unit();
}

Value Evaluator::arm(const ast::SwitchCase& entry) {
    const auto size = frame_->names.size();
    const bool top = std::exchange(frame_->top_level, false);
    Value value = statement(*entry.body);
    frame_->names.resize(size);
    frame_->top_level = top;
    return value;
}

// First all exact labels in source order, then all ranges, then `_`; guards are asked as they are met.
Value Evaluator::switch_(const ast::Switch& node) {
    const Value subject = eval(*node.subject);
    for (const bool ranges : {false, true}) {
        for (const auto& entry : node.cases) {
            for (const auto* label : entry.labels) {
                const Value wanted = eval(*label);
                bool hit = false;
                if (!ranges) {
                    hit = !wanted.is<Range>() && same(subject, wanted);  // a range stands for what is inside it
                } else if (wanted.is<Range>() && subject.is<Int>()) {
                    hit = contains(wanted, subject);
                } else if (wanted.is<Range>() && subject.is<double>()) {
                    const auto& r = wanted.as<Range>();
                    const double d = subject.as<double>();
                    hit = d >= static_cast<double>(r.start) &&
                          (r.inclusive ? d <= static_cast<double>(r.end) : d < static_cast<double>(r.end));
                }
                if (hit && (!entry.guard || condition(*entry.guard))) return arm(entry);
            }
        }
    }
    for (const auto& entry : node.cases)
        if (entry.labels.empty()) return arm(entry);
    return unit();
}

// One turn of a loop's body; the value of `break` if it was left.
std::optional<Value> Evaluator::turn(const ast::Node& body) {
    spend();
    const auto size = frame_->names.size();
    const bool top = frame_->top_level;
    const auto restore = [&] {
        frame_->names.resize(size);
        frame_->top_level = top;
    };
    try {
        (void)eval(body);
    } catch (Break& left) {
        restore();
        return std::move(left.value);
    } catch (Continue&) {
        restore();
    }
    return std::nullopt;
}

Value Evaluator::while_(const ast::While& node) {
    while (condition(*node.condition))
        if (auto value = turn(*node.body)) return std::move(*value);
    return unit();
}

Value Evaluator::loop(const ast::Loop& node) {
    for (;;)
        if (auto value = turn(*node.body)) return std::move(*value);
}

// `continue` goes to the next turn without testing the condition.
Value Evaluator::do_(const ast::Do& node) {
    for (;;) {
        spend();
        const auto size = frame_->names.size();
        const bool top = frame_->top_level;
        try {
            (void)eval(*node.body);
        } catch (Break& left) {
            frame_->names.resize(size);
            frame_->top_level = top;
            return std::move(left.value);
        } catch (Continue&) {
            frame_->names.resize(size);
            frame_->top_level = top;
            continue;
        }
        if (condition(*node.condition) == node.until) return unit();
    }
}

namespace {

// The items that `for` walks: a snapshot. Long ranges are walked without one.
std::optional<Array> items_of(const Value& source) {
    Array items;
    if (source.is<Array>()) return source.as<Array>();
    if (source.is<Iterator>()) return *source.as<Iterator>().items;
    if (source.is<std::string>()) {
        for (const char32_t c : decode(source.as<std::string>())) items.push_back(character(c));
        return items;
    }
    if (source.is<Blob>()) {
        for (const auto byte : source.as<Blob>().bytes) items.push_back(integer(byte));
        return items;
    }
    return std::nullopt;
}

}  // namespace

Value Evaluator::for_(const ast::For& node) {
    const Value source = eval(*node.source);
    copied(source);
    std::optional<Array> items;
    Range range;
    if (source.is<Range>()) {
        range = source.as<Range>();
    } else {
        items = items_of(source);
        if (!items) fail("ErrorFor");
    }
    const auto size = frame_->names.size();
    const bool top = std::exchange(frame_->top_level, false);
    // One variable each for all turns.
    const auto item = declare(node.item->name, unit(), false);
    const auto counter = node.counter ? declare(node.counter->name, unit(), false) : nullptr;
    Value result;
    bool more = items ? !items->empty() : range.inclusive ? range.start <= range.end : range.start < range.end;
    for (Int n = 0; more; ++n) {
        item->value = items ? (*items)[static_cast<std::size_t>(n)] : integer(range.start + n);
        if (counter) counter->value = integer(n);
        if (auto value = turn(*node.body)) {
            result = std::move(*value);
            break;
        }
        more = items ? static_cast<std::size_t>(n) + 1 < items->size()
                     : static_cast<std::uint64_t>(n) + 1 < static_cast<std::uint64_t>(range.end) -
                                                               static_cast<std::uint64_t>(range.start) +
                                                               (range.inclusive ? 1 : 0);
    }
    frame_->names.resize(size);
    frame_->top_level = top;
    return result;
}

Value Evaluator::try_(const ast::Try& node) {
    const auto size = frame_->names.size();
    const bool top = std::exchange(frame_->top_level, false);
    auto* frame = frame_;
    const auto depth = depth_;
    const auto restore = [&] {
        frame_ = frame;
        depth_ = depth;
        frame_->names.resize(size);
    };
    ScriptError error;
    try {
        Value value = eval(*node.body);
        frame_->top_level = top;
        return value;
    } catch (ScriptError& raised) {
        if (raised.limit()) throw;
        error = raised;
    }
    restore();
    if (node.error) declare(node.error->name, caught(error), false);
    struct InHandler {
        Frame& frame;
        ~InHandler() { frame.caught.pop_back(); }
    };
    frame_->caught.push_back(&error);
    {
        InHandler handler{*frame_};
        (void)eval(*node.handler);
    }
    restore();
    frame_->top_level = top;
    return unit();
}

// What `catch (e)` binds. Messages and positions are not foretold.
Value Evaluator::caught(const ScriptError& error) {
    if (error.kind == "ErrorRuntime") return error.thrown;
    Map fields;
    fields["error"] = string(error.in_function ? "ErrorInFunctionCall" : error.kind);
    if (error.in_function) fields["cause"] = string(error.kind);
    if (error.bounds) {
        fields["index"] = integer(error.index);
        fields["length"] = integer(error.length);
    }
    if (error.kind == "ErrorFunctionNotFound" || error.kind == "ErrorNonPureMethodCallOnConstant")
        fields["function"] = string(error.subject);
    if (error.kind == "ErrorVariableNotFound" || error.kind == "ErrorAssignmentToConstant")
        fields["variable"] = string(error.subject);
    if (error.kind == "ErrorDotExpr") fields["property"] = string(error.subject);
    if (error.kind == "ErrorIndexingType") fields["type"] = string(error.subject);
    return map(std::move(fields));
}

void Evaluator::assign(const ast::Assign& node) {
    // A plain variable in front of everything else: `x = E` evaluates E first, then writes.
    const Value value = eval(*node.value);
    copied(value);
    assign_path(node, value);
}

}  // namespace sluice::reference
