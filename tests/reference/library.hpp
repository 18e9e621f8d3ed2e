// How the reference's library is written down: one row per overload.
#pragma once

#include <string>
#include <vector>

#include "tests/reference/evaluator.hpp"

namespace sluice::reference {

struct Call {
    Evaluator& evaluator;
    Value& self;  // the first argument
    Array& args;  // the others
    [[nodiscard]] Int number(std::size_t i) const { return args[i].as<Int>(); }
};

enum Effect { pure, mutates };

// Types, a letter for each argument: a array, m map, s string, c char, t string or char, i int, f float, n number, b
// bool, r range, F function, B blob, * anything.
struct Row {
    std::string name;
    std::string types;
    Effect effect;
    bool property;
    Value (*run)(Call&);
};

void add_strings(std::vector<Row>& rows);
void add_numbers(std::vector<Row>& rows);
void add_arrays(std::vector<Row>& rows);
void add_array_callbacks(std::vector<Row>& rows);
void add_maps(std::vector<Row>& rows);

// The part of `size` elements that a range, or a start and a length, names: clamped, negative starts from the end.
struct Part {
    std::size_t start;
    std::size_t length;
};
[[nodiscard]] Part part_of(const Call& call, std::size_t at, std::size_t size);
[[nodiscard]] std::size_t clamped(Int index, std::size_t size);

}  // namespace sluice::reference
