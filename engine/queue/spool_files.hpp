// Reading the spool: paths, envelopes, bodies. Changes nothing, so it serves the running server and `sluice queue` with
// the server stopped.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "engine/queue/message.hpp"

namespace sluice::queue {

class SpoolFiles {
  public:
    explicit SpoolFiles(std::filesystem::path root) : root_(std::move(root)) {}

    [[nodiscard]] const std::filesystem::path& root() const { return root_; }
    [[nodiscard]] std::filesystem::path directory(Queue queue) const { return root_ / queue_name(queue); }
    [[nodiscard]] std::filesystem::path state_directory() const { return root_ / "state"; }
    [[nodiscard]] std::filesystem::path temporary_directory() const { return root_ / "tmp"; }
    [[nodiscard]] std::filesystem::path message(Queue queue, const std::string& id) const;
    [[nodiscard]] std::filesystem::path state(const std::string& id) const;

    // Either the thing, or why not: `failed` is an error of the file system (worth another try), `corrupt` says what is
    // wrong with the bytes.
    struct EnvelopeResult {
        std::optional<Envelope> envelope;
        std::error_code failed;
        std::string corrupt;
    };
    // With the changes of the state file. Does not read the body, but checks that it has its length.
    [[nodiscard]] EnvelopeResult read_envelope(Queue queue, const std::string& id) const;

    struct BodyResult {
        std::shared_ptr<const std::string> body;
        std::error_code failed;
        std::string corrupt;
    };
    // Checks the checksum.
    [[nodiscard]] BodyResult read_body(Queue queue, const std::string& id) const;

    // Names of the entries of a directory, in no order; nullopt if it cannot be read.
    [[nodiscard]] static std::optional<std::vector<std::string>> names(const std::filesystem::path& directory);
    // The id in "<id>.msg" or "<id>.state", nullopt for any other name.
    [[nodiscard]] static std::optional<std::string> id_of(const std::string& name, std::string_view extension);

  private:
    std::filesystem::path root_;
};

}  // namespace sluice::queue
