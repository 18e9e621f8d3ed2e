#include "dsl/lib/library.hpp"

namespace sluice::dsl::lib {

void add_base(NativeTable& table) {
    add_core(table);
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
