#include "engine/tls/file_text.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/mem.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sluice::tls {

FileText::~FileText() { OPENSSL_cleanse(text_.data(), text_.size()); }

int FileText::read(const std::string& path, std::size_t largest) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0) return errno;
    text_.resize(largest + 1);  // at once: growing would leave pieces of a key behind
    std::size_t size = 0;
    int failed = 0;
    while (size < text_.size()) {
        const ssize_t got = ::read(descriptor, text_.data() + size, text_.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) failed = errno;
        if (got <= 0) break;
        size += static_cast<std::size_t>(got);
    }
    ::close(descriptor);
    if (failed == 0 && size > largest) failed = EFBIG;
    text_.resize(failed == 0 ? size : 0);
    return failed;
}

bool FileText::blank() const {
    return std::all_of(text_.begin(), text_.end(),
                       [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

bssl::UniquePtr<BIO> FileText::bio() const {
    return bssl::UniquePtr<BIO>(BIO_new_mem_buf(text_.data(), static_cast<int>(text_.size())));
}

}  // namespace sluice::tls
