"""A name server that takes its time."""

import socket
import subprocess
import struct
import sys
import threading

# For Configuration(extra=…): asks this server and no other.
RESOLVER = """  config.server.dns = #{{ type: "custom", config: #{{ name_servers: [ #{{ socket_addr: "{0}:{1}", protocol: "udp" }} ] }},
    options: #{{ timeout: "30s", attempts: 1, use_hosts_file: false, ip_strategy: "Ipv4Only" }} }};
"""


class NameServer:
    """Answers A questions with 192.0.2.1: after `delay` seconds, or if that is None when it is told to."""

    def __init__(self, address, delay=None):
        self.delay = delay
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.port = self.socket.getsockname()[1]
        self.asked = threading.Event()
        self.release = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                question, client = self.socket.recvfrom(4096)
            except OSError:
                return
            self.asked.set()
            threading.Thread(target=self.answer, args=(question, client), daemon=True).start()

    def answer(self, question, client):
        self.release.wait(60 if self.delay is None else self.delay)
        end = question.index(b"\0", 12) + 5
        name, kind = question[12:end - 4], question[end - 4:end - 2]
        records = name + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 1]) if kind == b"\0\1" else b""
        header = question[:2] + struct.pack(">HHHHH", 0x8180, 1, 1 if records else 0, 0, 0)
        try:
            self.socket.sendto(header + question[12:end] + records, client)
        except OSError:
            pass

    def close(self):
        self.release.set()
        self.socket.close()


class NameServerProcess:
    """The same in a process of its own, so that it takes no time from a client that measures."""

    def __init__(self, delay):
        self.process = subprocess.Popen([sys.executable, __file__, str(delay)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


if __name__ == "__main__":
    server = NameServer("127.0.0.1", delay=float(sys.argv[1]))
    print(server.port, flush=True)
    sys.stdin.read()
    server.socket.close()
