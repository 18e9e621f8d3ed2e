#include "dsl/lsp/server.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "dsl/lsp/features.hpp"
#include "dsl/lsp/protocol.hpp"

namespace sluice::dsl::lsp {

namespace json = boost::json;

namespace {

constexpr int parse_error = -32700, invalid_request = -32600, method_not_found = -32601, invalid_params = -32602,
              internal_error = -32603, not_initialized = -32002;

// What an editor sends nests little; what nests deeper is no message of the protocol.
constexpr std::size_t max_nesting = 64;

const json::object& no_params() {
    static const json::object none;
    return none;
}

}  // namespace

Server::Server(std::string version, SavedCheck saved_check, const NativeTable& test_library, Send send)
    : version_(std::move(version)), workspace_(std::move(saved_check), test_library), send_(std::move(send)) {}

void Server::answer(const json::value& id, json::value result) {
    send_(json::serialize(json::object{{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}}));
}

void Server::fail(const json::value& id, const Failure& failure) {
    send_(json::serialize(json::object{
        {"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", failure.code}, {"message", failure.message}}}}));
}

void Server::notify(std::string_view method, json::object params) {
    send_(json::serialize(json::object{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}}));
}

void Server::handle(std::string_view message) {
    json::error_code error;
    json::parse_options options;
    options.max_depth = max_nesting;
    const auto value = json::parse(message, error, {}, options);
    if (error) return fail(nullptr, {parse_error, "this is no JSON: " + error.message()});
    if (!value.is_object()) return fail(nullptr, {invalid_request, "a message is an object"});
    handle_object(value.get_object());
}

void Server::handle_object(const json::object& message) {
    const auto* id = message.if_contains("id");
    const auto* method = message.if_contains("method");
    if (!method && id && (message.contains("result") || message.contains("error"))) return;  // an answer to us
    const bool valid_id = !id || id->is_string() || id->is_number() || id->is_null();
    if (!method || !method->is_string() || !valid_id)
        return fail(id && valid_id ? *id : json::value(nullptr), {invalid_request, "a message has a method"});
    const auto* given = message.if_contains("params");
    const auto& params = given && given->is_object() ? given->get_object() : no_params();
    const std::string_view name = method->get_string();
    try {
        if (id)
            answer(*id, request(name, params));
        else
            notification(name, params);
    } catch (const Failure& failure) {
        if (id) fail(*id, failure);
    } catch (const InvalidParams& problem) {
        if (id) fail(*id, {invalid_params, problem.what});
    } catch (const std::exception& problem) {
        if (id) fail(*id, {internal_error, problem.what()});
    }
}

json::value Server::request(std::string_view method, const Params& params) {
    if (state_ == State::shut_down) throw Failure{invalid_request, "the server has been shut down"};
    if (method == "initialize") return initialize(params);
    if (state_ == State::created) throw Failure{not_initialized, "the first request is `initialize`"};
    if (method == "shutdown") {
        state_ = State::shut_down;
        clean_ = true;
        return nullptr;
    }
    if (method == "textDocument/hover") return hover(params);
    if (method == "textDocument/completion") return completion(params);
    if (method == "textDocument/definition") return definition(params);
    if (method == "textDocument/formatting") return formatting(params);
    throw Failure{method_not_found, fmt::format("there is no method `{}`", method)};
}

// Those that are unknown, `$/cancelRequest` among them, mean nothing here: a request has been answered when it comes.
void Server::notification(std::string_view method, const Params& params) {
    if (method == "exit") {
        state_ = State::exited;
        return;
    }
    if (state_ != State::running) return;
    if (method == "textDocument/didOpen") return did_open(params);
    if (method == "textDocument/didChange") return did_change(params);
    if (method == "textDocument/didSave") return did_save(params);
    if (method == "textDocument/didClose") return did_close(params);
}

json::value Server::initialize(const Params& params) {
    if (state_ != State::created) throw Failure{invalid_request, "`initialize` comes once"};
    std::vector<std::string> folders;
    if (const auto* given = params.if_contains("workspaceFolders"); given && given->is_array())
        for (const auto& folder : given->get_array())
            if (const auto* object = folder.if_object()) folders.push_back(path_of_uri(text_of(*object, "uri")));
    if (const auto* root = params.if_contains("rootUri"); folders.empty() && root && root->is_string())
        folders.push_back(path_of_uri(root->get_string()));
    workspace_.set_folders(std::move(folders));
    state_ = State::running;
    constexpr int incremental = 2;
    return {{"capabilities",
             {{"positionEncoding", "utf-16"},
              {"textDocumentSync", {{"openClose", true}, {"change", incremental}, {"save", {{"includeText", false}}}}},
              {"hoverProvider", true},
              {"definitionProvider", true},
              {"documentFormattingProvider", true},
              {"completionProvider", {{"triggerCharacters", json::array{":", "."}}}}}},
            {"serverInfo", {{"name", "sluice"}, {"version", version_}}}};
}

Document& Server::document(const Params& params) {
    const auto uri = text_of(object_of(params, "textDocument"), "uri");
    auto* found = workspace_.find(uri);
    if (!found) throw InvalidParams{fmt::format("`{}` is not open", uri)};
    return *found;
}

json::value Server::hover(const Params& params) {
    const auto& about = document(params);
    const auto found = lsp::hover(workspace_, about, place_of(object_of(params, "position")), shown_[about.uri()]);
    if (!found) return nullptr;
    return {{"contents", {{"kind", "markdown"}, {"value", found->markdown}}},
            {"range", to_json(about.range(found->span))}};
}

json::value Server::completion(const Params& params) {
    json::array items;
    for (const auto& item : lsp::completion(workspace_, document(params), place_of(object_of(params, "position"))))
        items.push_back(to_json(item));
    return {{"isIncomplete", false}, {"items", std::move(items)}};
}

json::value Server::definition(const Params& params) {
    json::array targets;
    for (const auto& target : lsp::definition(workspace_, document(params), place_of(object_of(params, "position"))))
        targets.push_back({{"uri", target.uri}, {"range", to_json(target.range)}});
    return targets;
}

// A text with syntax errors stays as it is: the diagnostics say why.
json::value Server::formatting(const Params& params) {
    const auto& about = document(params);
    const auto text = formatted(about);
    if (!text || *text == about.text()) return json::array{};
    const auto all = about.range({0, static_cast<std::uint32_t>(about.text().size())});
    return json::array{{{"range", to_json(all)}, {"newText", *text}}};
}

void Server::did_open(const Params& params) {
    const auto& given = object_of(params, "textDocument");
    const auto& opened = workspace_.open(text_of(given, "uri"), text_of(given, "text"));
    if (const auto* version = given.if_contains("version")) versions_[opened.uri()] = *version;
    publish(opened, true);
    publish_importers(&opened);
}

void Server::did_change(const Params& params) {
    auto& changed = document(params);
    const auto* changes = params.if_contains("contentChanges");
    if (!changes || !changes->is_array()) throw InvalidParams{"contentChanges is no list"};
    for (const auto& change : changes->get_array()) {
        const auto* object = change.if_object();
        if (!object) continue;
        std::optional<Range> range;
        if (const auto* given = object->if_contains("range"); given && given->is_object())
            range = range_of(given->get_object());
        changed.change(range, text_of(*object, "text"));
    }
    if (const auto* version = object_of(params, "textDocument").if_contains("version"))
        versions_[changed.uri()] = *version;
    workspace_.changed(changed);
    publish(changed, false);
    publish_importers(&changed);
}

void Server::did_save(const Params& params) {
    const auto& saved = document(params);
    publish(saved, true);
    publish_importers(&saved);
}

void Server::did_close(const Params& params) {
    const auto uri = document(params).uri();
    workspace_.close(uri);
    shown_.erase(uri);
    versions_.erase(uri);
    notify("textDocument/publishDiagnostics", {{"uri", uri}, {"diagnostics", json::array{}}});
    publish_importers(nullptr);  // from now on the file on disk counts
}

void Server::publish(const Document& document, bool saved) {
    auto& problems = shown_[document.uri()];
    problems = workspace_.problems(document, saved);
    json::array diagnostics;
    for (const auto& problem : problems) {
        auto diagnostic = to_json(problem);
        if (!problem.other_file.empty())
            diagnostic["relatedInformation"] = json::array{
                {{"location",
                  {{"uri", workspace_.uri_of(problem.other_file)}, {"range", to_json(problem.other_range)}}},
                 {"message", "here"}}};
        diagnostics.push_back(std::move(diagnostic));
    }
    json::object params{{"uri", document.uri()}, {"diagnostics", std::move(diagnostics)}};
    if (const auto version = versions_.find(document.uri()); version != versions_.end() && version->second.is_number())
        params["version"] = version->second;
    notify("textDocument/publishDiagnostics", std::move(params));
}

// What imports the script may be right or wrong now.
void Server::publish_importers(const Document* changed) {
    for (const auto* other : workspace_.documents())
        if (other != changed && workspace_.imports(*other)) publish(*other, false);
}

}  // namespace sluice::dsl::lsp
