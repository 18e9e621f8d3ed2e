// The values inside a heap object, for freezing, freeing and finding cycles. Private to dsl/value.
#pragma once

#include "dsl/value/error.hpp"
#include "dsl/value/objects.hpp"

namespace sluice::dsl {

template <class Visit>
void visit_children(HeapObject* object, Visit visit) {
    switch (object->tag) {
        case Tag::array:
            for (auto& v : static_cast<ArrayObject*>(object)->items) visit(v);
            break;
        case Tag::map:
            for (auto& e : static_cast<MapObject*>(object)->entries()) {
                visit(e.key);
                visit(e.value);
            }
            break;
        case Tag::fn: {
            auto* fn = static_cast<FnObject*>(object);
            visit(fn->name);
            for (auto& v : fn->curried) visit(v);
            for (auto& v : fn->captures) visit(v);
            break;
        }
        case Tag::error: visit(static_cast<ErrorObject*>(object)->error->thrown); break;
        case Tag::cell: visit(static_cast<CellObject*>(object)->value); break;
        case Tag::host:
            static_cast<HostObject*>(object)->visit_values(
                [](void* context, Value& v) { (*static_cast<Visit*>(context))(v); }, &visit);
            break;
        case Tag::iterator:
            static_cast<IteratorObject*>(object)->visit_values(
                [](void* context, Value& v) { (*static_cast<Visit*>(context))(v); }, &visit);
            break;
        default: break;
    }
}

}  // namespace sluice::dsl
