#include "engine/dns/resolver.hpp"

namespace sluice::dns {

std::string_view to_string(Outcome outcome) noexcept {
    switch (outcome) {
        case Outcome::found: return "found";
        case Outcome::no_data: return "no_data";
        case Outcome::no_domain: return "no_domain";
        case Outcome::bogus: return "bogus";
        case Outcome::temporary: return "temporary";
    }
    return "?";
}

Answer failed_answer(std::string why) {
    Answer answer;
    answer.why = std::move(why);
    return answer;
}

}  // namespace sluice::dns
