// Apart from the other tests because <linux/tcp.h>, which knows tcpi_data_segs_in, and <netinet/tcp.h> exclude each
// other.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace sluice::smtp::test {

unsigned data_segments_received(int descriptor);

// On loopback, with TCP_NODELAY, each write of the server arrives as one segment.
unsigned data_segments_received(int descriptor) {
    tcp_info info{};
    socklen_t size = sizeof info;
    return ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_data_segs_in : 0;
}

}  // namespace sluice::smtp::test
