// `sluice run` on a disk that fails: SLUICE_FAULTS="7:2:EIO" lets two steps on files fail from the seventh (from 0) on,
// "7:1:kill" ends the process before it. Steps are those of engine/io/fault_injection.hpp; a write has two, so that one
// can stop in the middle. For test_faults.py.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "engine/app/commands.hpp"
#include "engine/io/fault_injection.hpp"

namespace {

struct Plan {
    int first = 0;
    int count = 0;
    std::string action;
};

Plan plan_of(const char* text) {
    Plan plan;
    char action[16] = "";
    if (!text || std::sscanf(text, "%d:%d:%15s", &plan.first, &plan.count, action) != 3) std::abort();
    plan.action = action;
    return plan;
}

int fail(const Plan& plan, int step) {
    static std::atomic<bool> told = false;
    if (!told.exchange(true)) std::fprintf(stderr, "step %d fails\n", step);
    if (plan.action == "kill") ::kill(::getpid(), SIGKILL);
    return plan.action == "ENOSPC" ? ENOSPC : EIO;
}

}  // namespace

int main(int argc, char** argv) {
    const Plan plan = plan_of(std::getenv("SLUICE_FAULTS"));
    std::atomic<int> steps = 0;
    sluice::io::set_fault_hook([&](sluice::io::FileStep, const auto&) {
        const int step = steps++;
        return step >= plan.first && step < plan.first + plan.count ? fail(plan, step) : 0;
    });
    CLI::App app{"sluice run on a disk that fails"};
    app.require_subcommand(1);
    int exit_code = 0;
    sluice::app::add_run(app, exit_code);
    CLI11_PARSE(app, argc, argv);
    return exit_code;
}
