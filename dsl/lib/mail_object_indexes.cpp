#include <unordered_set>

#include <re2/set.h>

#include "dsl/lib/mail_object_kinds.hpp"
#include "dsl/lib/network_trie.hpp"

namespace sluice::dsl::lib {

namespace {

using Answer = MembershipIndex::Answer;

Answer yes_if(bool truth) { return truth ? Answer::yes : Answer::no; }
// An object may equal those of the list in its own way; a number or the like never does.
Answer of_another_kind(const Value& item) { return item.is_host() ? Answer::search : Answer::no; }

class Networks final : public MembershipIndex {
  public:
    NetworkTrie trie;
    Answer contains(const Values&, const Value& item) const override {
        if (item.is_string()) {
            if (const auto address = IpAddress::parse(item.as_string())) return yes_if(trie.contains(*address));
            const auto network = IpNetwork::parse(item.as_string());
            return yes_if(network && trie.contains(*network));
        }
        if (const auto* ip = host_as<IpObject>(item)) return yes_if(trie.contains(ip->address));
        if (const auto* network = host_as<NetworkObject>(item)) return yes_if(trie.contains(network->network));
        return of_another_kind(item);
    }
};

class Names final : public MembershipIndex {
  public:
    std::unordered_set<std::string> keys;
    Answer contains(const Values&, const Value& item) const override {
        if (item.is_string()) return yes_if(keys.contains(lower_domain(item.as_string())));
        if (const auto* name = host_as<FqdnObject>(item)) return yes_if(keys.contains(lower_domain(name->name)));
        return of_another_kind(item);
    }
};

class Addresses final : public MembershipIndex {
  public:
    std::unordered_set<std::string> keys;
    Answer contains(const Values&, const Value& item) const override {
        if (item.is_string()) return yes_if(keys.contains(address_key(item.as_string())));
        if (const auto* address = host_as<AddressObject>(item))
            return yes_if(keys.contains(address_key(address->full)));
        return of_another_kind(item);
    }
};

class Patterns final : public MembershipIndex {
  public:
    re2::RE2::Set set{RegexObject::options(), re2::RE2::UNANCHORED};
    Answer contains(const Values&, const Value& item) const override {
        if (item.is_string()) return search(item.as_string());
        if (host_as<AddressObject>(item) || host_as<FqdnObject>(item)) return search(item.as_host().text());
        return of_another_kind(item);
    }

  private:
    Answer search(std::string_view text) const {
        re2::RE2::Set::ErrorInfo error{};
        const bool found = set.Match({text.data(), text.size()}, nullptr, &error);
        if (!found && error.kind != re2::RE2::Set::kNoError) return Answer::search;  // its automaton outgrew its memory
        return yes_if(found);
    }
};

// Hands each item to `add`, which may refuse.
template <class Kind, class Index, class Add>
std::unique_ptr<const MembershipIndex> index_all(const Values& items, Add add) {
    auto index = std::make_unique<Index>();
    for (const auto& item : items) {
        const auto* object = host_as<Kind>(item);
        if (!object || !add(*index, *object)) return nullptr;
    }
    return index;
}

}  // namespace

std::unique_ptr<const MembershipIndex> index_networks(const Values& items) {
    return index_all<NetworkObject, Networks>(items, [](Networks& index, const NetworkObject& object) {
        index.trie.add(object.network);
        return true;
    });
}

std::unique_ptr<const MembershipIndex> index_names(const Values& items) {
    return index_all<FqdnObject, Names>(items, [](Names& index, const FqdnObject& object) {
        index.keys.insert(lower_domain(object.name));
        return true;
    });
}

// The null address has two texts: a list with it is searched.
std::unique_ptr<const MembershipIndex> index_addresses(const Values& items) {
    return index_all<AddressObject, Addresses>(items, [](Addresses& index, const AddressObject& object) {
        return !object.full.empty() && index.keys.insert(address_key(object.full)).first != index.keys.end();
    });
}

std::unique_ptr<const MembershipIndex> index_patterns(const Values& items) {
    auto index = std::make_unique<Patterns>();
    for (const auto& item : items) {
        const auto* object = host_as<RegexObject>(item);
        std::string error;
        if (!object || index->set.Add(object->regex.pattern(), &error) < 0) return nullptr;
    }
    return index->set.Compile() ? std::move(index) : nullptr;
}

}  // namespace sluice::dsl::lib
