#include "dsl/source/import_path.hpp"

#include <vector>

namespace sluice::dsl {

namespace {

// A name that only begins with a dot has no extension.
std::string with_script_extension(std::string_view component) {
    const auto dot = component.rfind('.');
    const auto stem = dot == std::string_view::npos || dot == 0 ? component : component.substr(0, dot);
    return std::string(stem) + ".vsl";
}

void append_components(std::vector<std::string_view>& to, std::string_view path, bool absolute) {
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find('/', begin), path.size());
        const auto component = path.substr(begin, end - begin);
        begin = end + 1;
        if (component.empty() || component == ".") continue;
        const bool above_start = to.empty() || to.back() == "..";
        if (component != ".." || (above_start && !absolute))
            to.push_back(component);
        else if (!above_start)
            to.pop_back();
    }
}

}  // namespace

std::optional<std::string> resolve_import(std::string_view base_directory, std::string_view written) {
    if (written.find('\0') != std::string_view::npos) return std::nullopt;
    while (written.size() > 1 && written.ends_with('/')) written.remove_suffix(1);
    const auto last = written.substr(written.rfind('/') + 1);
    if (last.empty() || last == "." || last == "..") return std::nullopt;

    const bool from_root = written.starts_with('/');
    const bool absolute = from_root || base_directory.starts_with('/');
    std::vector<std::string_view> components;
    if (!from_root) append_components(components, base_directory, absolute);
    append_components(components, written.substr(0, written.size() - last.size()), absolute);
    std::string path = absolute ? "/" : "";
    for (const auto component : components) (path += component) += '/';
    return path + with_script_extension(last);
}

}  // namespace sluice::dsl
