// `sluice user add|remove|list|passwd`: the password file, without a server.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "engine/app/commands.hpp"
#include "engine/app/password_prompt.hpp"
#include "engine/sasl/password_file.hpp"

namespace sluice::app {

namespace fs = std::filesystem;

namespace {

struct Arguments {
    std::string config = "/etc/sluice";
    std::string file;
    std::string name;
    bool standard_input = false;
    bool cram_md5 = false;
    bool json = false;
};

int fail(const std::string& text, const std::string& hint = {}) {
    std::cerr << "error: " << text << '\n';
    if (!hint.empty()) std::cerr << "  hint: " << hint << '\n';
    return 1;
}

// The exit code: 1 if there are any.
int tell(const fs::path& path, const std::vector<sasl::UserProblem>& problems) {
    for (const auto& problem : problems)
        fail(problem.line > 0 ? fmt::format("{}:{}: {}", path.string(), problem.line, problem.text) : problem.text,
             problem.hint);
    return problems.empty() ? 0 : 1;
}

fs::path path_of(const Arguments& arguments) {
    if (!arguments.file.empty()) return arguments.file;
    const fs::path config = arguments.config;
    std::error_code error;
    return (fs::is_regular_file(config, error) ? config.parent_path() : config) / sasl::kUsersFileName;
}

std::optional<sasl::Secret> new_password(const Arguments& arguments) {
    std::string why;
    auto password = arguments.standard_input ? read_password(why) : ask_new_password(arguments.name, why);
    if (!password) fail(why, arguments.standard_input ? "" : "--stdin reads the password from standard input");
    return password;
}

int add(const Arguments& arguments) {
    const auto password = new_password(arguments);
    if (!password) return 1;
    const auto path = path_of(arguments);
    const auto keep = arguments.cram_md5 ? sasl::CramMd5::yes : sasl::CramMd5::no;
    if (tell(path, sasl::add_user(path, arguments.name, password->view(), keep)) != 0) return 1;
    std::cout << fmt::format("added {} to {}\n", arguments.name, path.string());
    return 0;
}

int passwd(const Arguments& arguments) {
    const auto password = new_password(arguments);
    if (!password) return 1;
    const auto path = path_of(arguments);
    if (tell(path, sasl::change_password(path, arguments.name, password->view())) != 0) return 1;
    std::cout << fmt::format("{} has a new password\n", arguments.name);
    return 0;
}

int remove(const Arguments& arguments) {
    const auto path = path_of(arguments);
    if (tell(path, sasl::remove_user(path, arguments.name)) != 0) return 1;
    std::cout << fmt::format("removed {} from {}\n", arguments.name, path.string());
    return 0;
}

int list(const Arguments& arguments) {
    const auto path = path_of(arguments);
    const auto loaded = sasl::load_users(path);
    if (!loaded) return tell(path, loaded.error());
    const auto& users = (*loaded)->users();
    if (arguments.json) {
        boost::json::array all;
        for (const auto& [name, user] : users)
            all.push_back(boost::json::object{{"name", name},
                                              {"scram_iterations", user.sha_256.iterations},
                                              {"cram_md5", user.cram_md5.has_value()}});
        std::cout << boost::json::serialize(all) << '\n';
        return 0;
    }
    if (users.empty()) std::cout << "no users; add one with `sluice user add NAME`\n";
    for (const auto& [name, user] : users)
        std::cout << name << (user.cram_md5 ? "  (with a key for CRAM-MD5)" : "") << '\n';
    return 0;
}

}  // namespace

void add_user(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* user = app.add_subcommand("user", "Users of the password file, for AUTH");
    user->require_subcommand(1);
    auto* config = user->add_option("-c,--config", arguments->config,
                                    "configuration directory or root script; the file is `users` in the directory")
                       ->capture_default_str();
    user->add_option("-f,--file", arguments->file, "the password file")->excludes(config);
    const auto command = [&](const char* name, const char* description, int (*run)(const Arguments&)) {
        auto* sub = user->add_subcommand(name, description)->fallthrough();  // -c may stand behind, too
        sub->callback([arguments, run, &exit_code] { exit_code = run(*arguments); });
        return sub;
    };
    const auto about_one = [&](CLI::App* sub) {
        sub->add_option("NAME", arguments->name, "as the user logs in, like jane or jane@example.com")->required();
        return sub;
    };
    const auto with_password = [&](CLI::App* sub) {
        about_one(sub)->add_flag("--stdin", arguments->standard_input,
                                 "read the password from standard input, one line (default: ask on the terminal)");
        return sub;
    };
    with_password(command("add", "Add a user", add))
        ->add_flag("--cram-md5", arguments->cram_md5,
                   "also store a key for CRAM-MD5. Who reads the file can log in with it, and finds the password much "
                   "sooner than from what is stored otherwise; only for clients that know nothing better");
    about_one(command("remove", "Remove a user", remove));
    command("list", "Show the users", list)->add_flag("--json", arguments->json, "print JSON");
    with_password(
        command("passwd", "Give a user a new password; a key for CRAM-MD5 is renewed if there is one", passwd));
}

}  // namespace sluice::app
