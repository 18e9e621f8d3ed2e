// What a disk gives: 4 KiB messages made durable per second by several mechanisms, as many at a time as sessions wait.
// The spool's log grows by zeros and then overwrites them, or itself; the others are what it was chosen from (README,
// Figures). Prints JSON. Usage: bench_spool_mechanisms DIRECTORY SECONDS
#include <fcntl.h>
#include <rocksdb/db.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr std::size_t message_bytes = 4096;
constexpr off_t segment_bytes = 32 << 20;
const std::string body(message_bytes, 'x');
const std::string head(100, 'h');
constexpr off_t record_bytes = message_bytes + 100;

void check(bool good, const char* what) {
    if (good) return;
    std::perror(what);
    std::exit(1);
}

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::vector<iovec> records(int count) {
    std::vector<iovec> pieces;
    for (int i = 0; i < count; ++i) {
        pieces.push_back({const_cast<char*>(head.data()), head.size()});
        pieces.push_back({const_cast<char*>(body.data()), body.size()});
    }
    return pieces;
}

// One file each, synced, renamed into a directory that is synced once for all.
class Files {
  public:
    explicit Files(const std::string& directory) : directory_(directory) {
        std::filesystem::create_directories(directory_);
        handle_ = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY);
    }
    ~Files() { ::close(handle_); }
    void commit(int count) {
        for (int i = 0; i < count; ++i) {
            const auto name = directory_ + "/" + std::to_string(number_++);
            const int file = ::open((name + ".tmp").c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
            check(file >= 0, "create");
            const auto pieces = records(1);
            check(::writev(file, pieces.data(), 2) == record_bytes, "write");
            check(::fsync(file) == 0, "fsync");
            ::close(file);
            check(::rename((name + ".tmp").c_str(), name.c_str()) == 0, "rename");
        }
        check(::fsync(handle_) == 0, "fsync of the directory");
        for (int i = 1; i <= count; ++i) ::unlink((directory_ + "/" + std::to_string(number_ - i)).c_str());
    }

  private:
    std::string directory_;
    int handle_ = -1;
    long number_ = 0;
};

// One log for all: grows by each commit, or by zeros for many at once (SegmentWriter), or overwrites what it has.
class Log {
  public:
    enum class Growth { each, ahead, none };
    Log(const std::string& path, Growth growth)
        : file_(::open(path.c_str(), O_CREAT | O_RDWR, 0600)), growth_(growth), zeros_(1 << 20, '\0') {
        check(file_ >= 0, "create");
        if (growth != Growth::none) return;
        for (; size_ < segment_bytes; size_ += static_cast<off_t>(zeros_.size()))
            check(::pwrite(file_, zeros_.data(), zeros_.size(), size_) > 0, "write");
        check(::fsync(file_) == 0, "fsync");
    }
    ~Log() { ::close(file_); }
    void commit(int count) {
        if (at_ + count * record_bytes > segment_bytes) begin();
        auto pieces = records(count);
        const off_t octets = count * record_bytes;
        if (growth_ == Growth::ahead && at_ + octets > size_) {
            const off_t ahead = std::max<off_t>(std::clamp<off_t>(8 * octets, 256 << 10, 1 << 20) - octets, 0);
            pieces.push_back({zeros_.data(), static_cast<std::size_t>(ahead)});
            size_ = at_ + octets + ahead;
        }
        check(::pwritev(file_, pieces.data(), static_cast<int>(pieces.size()), at_) > 0, "write");
        at_ += octets;
        check(::fdatasync(file_) == 0, "fdatasync");
    }

  private:
    void begin() {
        at_ = 0;
        if (growth_ == Growth::none) return;
        size_ = 0;
        check(::ftruncate(file_, 0) == 0, "truncate");
    }
    int file_;
    Growth growth_;
    std::string zeros_;
    off_t size_ = 0;
    off_t at_ = 0;
};

class Rocks {
  public:
    explicit Rocks(const std::string& directory) {
        rocksdb::Options options;
        options.create_if_missing = true;
        options.compression = rocksdb::kNoCompression;
        options.enable_blob_files = true;
        options.min_blob_size = 1024;
        options.enable_blob_garbage_collection = true;
        options.recycle_log_file_num = 4;
        rocksdb::DB* opened = nullptr;
        const auto status = rocksdb::DB::Open(options, directory, &opened);
        check(status.ok(), status.ToString().c_str());
        database_.reset(opened);
    }
    void commit(int count) {
        rocksdb::WriteBatch batch;
        for (int i = 0; i < count; ++i) {
            (void)batch.Put(std::to_string(number_++), body);
            if (number_ > kept) (void)batch.Delete(std::to_string(number_ - kept));
        }
        rocksdb::WriteOptions options;
        options.sync = true;
        check(database_->Write(options, &batch).ok(), "write");
    }

  private:
    static constexpr long kept = 2000;
    std::unique_ptr<rocksdb::DB> database_;
    long number_ = 0;
};

bool first_line = true;

void measure(const char* name, int waiters, double time, const std::function<void(int)>& commit) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    const auto cpu = cpu_seconds();
    long count = 0;
    double passed = 0;
    while ((passed = std::chrono::duration<double>(Clock::now() - start).count()) < time) {
        commit(waiters);
        count += waiters;
    }
    std::printf(
        "%s  {\"mechanism\": \"%s\", \"waiters\": %d, \"messages_per_second\": %.0f, \"cpu_us_per_message\": %.1f}",
        first_line ? "" : ",\n", name, waiters, static_cast<double>(count) / passed,
        (cpu_seconds() - cpu) / static_cast<double>(count) * 1e6);
    first_line = false;
}

}  // namespace

int main(int count, char** args) {
    if (count != 3) {
        std::fprintf(stderr, "usage: bench_spool_mechanisms DIRECTORY SECONDS\n");
        return 2;
    }
    const std::string directory = args[1];
    const double time = std::atof(args[2]);
    std::printf("[\n");
    for (const int waiters : {1, 4, 16, 64}) {
        const auto below = [&](const char* name) { return directory + "/" + name + std::to_string(waiters); };
        const auto run = [&](const char* name, auto&& mechanism) {
            measure(name, waiters, time, [&](int n) { mechanism.commit(n); });
        };
        run("a file each, fsync", Files(below("files")));
        run("growing log, fdatasync", Log(below("growing"), Log::Growth::each));
        run("log that grows by zeros, fdatasync", Log(below("zeros"), Log::Growth::ahead));
        run("log that overwrites itself, fdatasync", Log(below("overwriting"), Log::Growth::none));
        run("RocksDB, blobs, synced batches", Rocks(below("rocksdb")));
    }
    std::printf("\n]\n");
    return 0;
}
