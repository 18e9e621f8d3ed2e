// The base library of vsl-language.md section 18, one file per type. Each function registers its overloads.
#pragma once

#include "dsl/value/native.hpp"

namespace sluice::dsl::lib {

void add_core(NativeTable& table);             // core.cpp: type_of to_string print ...
void add_strings(NativeTable& table);          // strings.cpp: strings and characters
void add_numbers(NativeTable& table);          // numbers.cpp: numbers and conversions
void add_bit_fields(NativeTable& table);       // bit_fields.cpp
void add_arrays(NativeTable& table);           // arrays.cpp: those without callbacks
void add_array_callbacks(NativeTable& table);  // array_callbacks.cpp: map filter reduce sort ... as tasks
void add_maps(NativeTable& table);             // maps.cpp
void add_json(NativeTable& table);             // json.cpp: to_json parse_json
void add_blobs(NativeTable& table);            // blobs.cpp
void add_ranges(NativeTable& table);           // ranges.cpp: range() and the iterators chars, bits
void add_time(NativeTable& table);             // time.cpp: timestamp
void add_objects(NativeTable& table);          // mail_objects.cpp: address fqdn ip4 ip6 rg4 rg6 regex identifier code
void add_status(NativeTable& table);           // status.cpp: state::*, code::*

// All of the above that belongs to the base language.
void add_base(NativeTable& table);
// Exactly that: what `sluice eval` offers.
[[nodiscard]] const NativeTable& base_library();

}  // namespace sluice::dsl::lib
