// Bytes nobody may read afterwards: passwords and what is derived from them. Wiped when they end; moved, never copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace sluice::sasl {

// Overwrites in a way the compiler keeps.
void wipe(void* bytes, std::size_t count) noexcept;

// Takes the same time wherever two texts of the same length differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right) noexcept;

class Secret {
  public:
    Secret() = default;
    explicit Secret(std::size_t size) : bytes_(std::make_unique<char[]>(size)), size_(size) {}  // zeros
    explicit Secret(std::string_view text);
    ~Secret() { clear(); }
    Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}
    Secret& operator=(Secret&& other) noexcept {
        clear();
        bytes_ = std::move(other.bytes_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }

    [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get(), size_}; }
    [[nodiscard]] char* data() noexcept { return bytes_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    // The rest behind `size` is wiped. Precondition: size <= this->size().
    void shorten(std::size_t size) noexcept;
    void clear() noexcept;

  private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_ = 0;
};

// Wipes an object on the stack at the end of its scope.
template <typename T>
class WipeAtEnd {
  public:
    explicit WipeAtEnd(T& object) : object_(object) {}
    ~WipeAtEnd() { wipe(&object_, sizeof(T)); }
    WipeAtEnd(const WipeAtEnd&) = delete;
    WipeAtEnd& operator=(const WipeAtEnd&) = delete;

  private:
    T& object_;
};

}  // namespace sluice::sasl
