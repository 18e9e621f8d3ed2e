#include "dsl/lib/library.hpp"

namespace sluice::dsl::lib {

void add_base(NativeTable& table) {
    add_core(table);
    add_strings(table);
    add_numbers(table);
    add_bit_fields(table);
    add_arrays(table);
    add_array_callbacks(table);
    add_maps(table);
    add_json(table);
    add_blobs(table);
    add_ranges(table);
    add_time(table);
}

const NativeTable& base_library() {
    static const NativeTable table = [] {
        NativeTable t;
        add_base(t);
        return t;
    }();
    return table;
}

}  // namespace sluice::dsl::lib
