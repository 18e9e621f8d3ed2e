#include "dsl/value/iterators.hpp"

#include "dsl/value/operations.hpp"

namespace sluice::dsl {

namespace {

struct CharIterator final : IteratorObject {
    Value string;
    std::size_t at;
    std::size_t left;
    CharIterator(Value s, std::size_t from, std::size_t count) : string(std::move(s)), at(from), left(count) {}
    [[nodiscard]] Value clone() const override { return make_object<CharIterator>(string, at, left); }
    void visit_values(void (*visit)(void* context, Value&), void* context) override { visit(context, string); }
    bool next(Value& item) override {
        const auto text = string.as_string();
        if (left == 0 || at >= text.size()) return false;
        --left;
        item = Value::character(decode_char(text, at));
        return true;
    }
};

struct ByteIterator final : IteratorObject {
    Value blob;
    std::size_t at = 0;
    explicit ByteIterator(Value b) : blob(std::move(b)) {}
    [[nodiscard]] Value clone() const override { return make_object<ByteIterator>(blob); }
    void visit_values(void (*visit)(void* context, Value&), void* context) override { visit(context, blob); }
    bool next(Value& item) override {
        if (at >= blob.as_blob().bytes.size()) return false;
        item = Value::integer(blob.as_blob().bytes[at++]);
        return true;
    }
};

struct BitIterator final : IteratorObject {
    std::uint64_t bits;
    std::size_t left;
    BitIterator(std::uint64_t b, std::size_t count) : bits(b), left(count) {}
    [[nodiscard]] Value clone() const override { return make_object<BitIterator>(bits, left); }
    bool next(Value& item) override {
        if (left == 0) return false;
        --left;
        item = Value::boolean(bits & 1);
        bits >>= 1;
        return true;
    }
};

struct IntStepIterator final : IteratorObject {
    std::int64_t at;
    std::int64_t to;
    std::int64_t step;
    bool done;
    IntStepIterator(std::int64_t f, std::int64_t t, std::int64_t s)
        : at(f), to(t), step(s), done(s > 0 ? f >= t : f <= t) {}
    [[nodiscard]] Value clone() const override { return make_object<IntStepIterator>(at, to, step); }
    bool next(Value& item) override {
        if (done) return false;
        item = Value::integer(at);
        if (__builtin_add_overflow(at, step, &at) || (step > 0 ? at >= to : at <= to)) done = true;
        return true;
    }
};

struct FloatStepIterator final : IteratorObject {
    double at;
    double to;
    double step;
    FloatStepIterator(double f, double t, double s) : at(f), to(t), step(s) {}
    [[nodiscard]] Value clone() const override { return make_object<FloatStepIterator>(at, to, step); }
    bool next(Value& item) override {
        if (!(step > 0 ? at < to : at > to)) return false;
        item = Value::floating(at);
        const auto before = at;
        at += step;
        if (at == before) at = to;  // a step too small to move: end instead of looping for ever
        return true;
    }
};

}  // namespace

Value make_iterator(const Value& source) {
    if (source.is_string()) return make_char_iterator(source, 0, source.as_string().size());
    if (source.is_blob()) return make_object<ByteIterator>(source);
    return {};
}
Value make_char_iterator(Value string, std::size_t from_byte, std::size_t count) {
    return make_object<CharIterator>(std::move(string), from_byte, count);
}
Value make_bit_iterator(std::uint64_t bits, std::size_t count) { return make_object<BitIterator>(bits, count); }
Value make_int_step_iterator(std::int64_t from, std::int64_t to, std::int64_t step) {
    return make_object<IntStepIterator>(from, to, step);
}
Value make_float_step_iterator(double from, double to, double step) {
    return make_object<FloatStepIterator>(from, to, step);
}

}  // namespace sluice::dsl
