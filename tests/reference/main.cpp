// Compares the machine with the reference evaluator:
//   differential --seed S --count N      random programs; --show N prints the program of one seed
//   differential --reduce S              a smaller program than that of the seed that still differs
//   differential --cases FILE.jsonl      the scripts of tests/language
//   differential --table FILE.txt …      the scripts of tests/unit/dsl_lib/cases ("script ⇒ result")
//   differential --file SCRIPT.vsl …
//   differential --marks …               the machine with itself: scripts compiled without marks and with them
// Ends with 1 if anything differs.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>

#include <boost/json.hpp>

#include "tests/reference/differential.hpp"
#include "tests/reference/generator.hpp"

namespace {

using sluice::reference::Comparison;

Comparison (*compare)(const std::string& script) = sluice::reference::compare;

struct Tally {
    int agreed = 0, differed = 0, unknown = 0, rejected = 0;
    std::map<std::string, int> reasons;
    int limit = 5;  // of differences shown

    void add(const std::string& script, const std::string& place) {
        const auto result = compare(script);
        switch (result.kind) {
            case Comparison::Kind::agree: ++agreed; return;
            case Comparison::Kind::unknown: ++unknown; break;
            case Comparison::Kind::rejected: ++rejected; break;
            case Comparison::Kind::differ:
                if (++differed <= limit)
                    std::printf("=== %s\n%s\n--- %s\n", place.c_str(), script.c_str(), result.report.c_str());
                return;
        }
        ++reasons[result.report.substr(0, result.report.find('\n')).substr(0, 90)];
    }
    int finish(bool verbose) const {
        if (verbose)
            for (const auto& [reason, count] : reasons) std::printf("%6d  %s\n", count, reason.c_str());
        std::printf("%d agree, %d differ, %d say nothing, %d do not compile\n", agreed, differed, unknown, rejected);
        return differed == 0 ? 0 : 1;
    }
};

std::string random_bytes(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::string bytes(100 + random() % 1500, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

std::string program(const std::string& bytes) {
    return sluice::reference::Generator({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}).program();
}

std::string random_program(std::uint64_t seed) { return program(random_bytes(seed)); }

// Takes pieces out of the bytes of a seed as long as the answers still differ.
std::string reduced(std::uint64_t seed) {
    auto bytes = random_bytes(seed);
    const auto differs = [](const std::string& candidate) {
        return compare(program(candidate)).kind == Comparison::Kind::differ;
    };
    if (!differs(bytes)) return program(bytes);
    for (std::size_t piece = bytes.size() / 2; piece > 0; piece /= 2) {
        for (std::size_t at = 0; at + piece <= bytes.size();) {
            auto shorter = bytes.substr(0, at) + bytes.substr(at + piece);
            auto zeroed = bytes;
            zeroed.replace(at, piece, piece, '\0');
            if (differs(shorter)) {
                bytes = std::move(shorter);
            } else {
                if (zeroed != bytes && differs(zeroed)) bytes = std::move(zeroed);
                at += piece;
            }
        }
    }
    return program(bytes);
}

std::string read(const char* path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void cases(Tally& tally, const char* path) {
    std::ifstream file(path);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        const auto one = boost::json::parse(line).as_object();
        if (!one.contains("modules"))
            tally.add(std::string(one.at("script").as_string()), "case " + std::to_string(number));
    }
}

void table(Tally& tally, const char* path) {
    std::ifstream file(path);
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        const auto arrow = line.rfind(" ⇒ ");
        if (arrow != std::string::npos && (!line.starts_with('#') || line.starts_with("#{")))
            tally.add(line.substr(0, arrow), std::string(path) + ":" + std::to_string(number));
    }
}

}  // namespace

int main(int count, char** arguments) {
    Tally tally;
    std::uint64_t seed = 1;
    bool verbose = false;
    for (int i = 1; i < count; ++i) {
        const std::string option = arguments[i];
        if (option == "--verbose") {
            verbose = true;
            continue;
        }
        if (option == "--marks") {
            compare = sluice::reference::compare_marked;
            continue;
        }
        if (i + 1 == count) return std::fprintf(stderr, "%s needs a value\n", option.c_str()), 2;
        const char* value = arguments[++i];
        if (option == "--most") {
            tally.limit = std::atoi(value);
        } else if (option == "--seed") {
            seed = std::strtoull(value, nullptr, 10);
        } else if (option == "--show") {
            std::printf("%s\n", random_program(std::strtoull(value, nullptr, 10)).c_str());
        } else if (option == "--reduce") {
            tally.add(reduced(std::strtoull(value, nullptr, 10)), value);
        } else if (option == "--count") {
            for (std::uint64_t n = std::strtoull(value, nullptr, 10); n > 0; --n, ++seed)
                tally.add(random_program(seed), "seed " + std::to_string(seed));
        } else if (option == "--cases") {
            cases(tally, value);
        } else if (option == "--table") {
            table(tally, value);
        } else if (option == "--file") {
            tally.add(read(value), value);
        } else {
            return std::fprintf(stderr, "unknown option %s\n", option.c_str()), 2;
        }
    }
    return tally.finish(verbose);
}
