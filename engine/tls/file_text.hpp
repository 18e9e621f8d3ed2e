// The text of a PEM file, read whole. Private to engine/tls.
#pragma once

#include <openssl/base.h>

#include <string>
#include <vector>

namespace sluice::tls {

// Wiped when it goes, since it may be a key.
class FileText {
  public:
    FileText() = default;
    FileText(const FileText&) = delete;
    FileText& operator=(const FileText&) = delete;
    ~FileText();

    // 0, or the errno of what failed; EFBIG if there is more than `largest`.
    [[nodiscard]] int read(const std::string& path, std::size_t largest);
    // Nothing but blanks and ends of line.
    [[nodiscard]] bool blank() const;
    // Reads from this text, which must live as long.
    [[nodiscard]] bssl::UniquePtr<BIO> bio() const;

  private:
    std::vector<char> text_;
};

}  // namespace sluice::tls
