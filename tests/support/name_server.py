"""A name server that takes its time, or knows the names of a test."""

import socket
import subprocess
import struct
import sys
import threading

# For Configuration(extra=…): asks this server and no other.
RESOLVER = """  config.server.dns = #{{ type: "custom", config: #{{ name_servers: [ #{{ socket_addr: "{0}:{1}", protocol: "udp" }} ] }},
    options: #{{ timeout: "30s", attempts: 1, use_hosts_file: false, ip_strategy: "Ipv4Only" }} }};
"""


A, MX, TXT = 1, 15, 16


def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def wire_data(kind, data):
    """Of an address, of an exchange with its preference, or of a text of up to 255 octets."""
    if kind == TXT:
        return bytes([len(data)]) + data.encode()
    return socket.inet_aton(data) if kind == A else struct.pack(">H", data[0]) + wire_name(data[1])


class NameServer:
    """Answers A questions with 192.0.2.1: after `delay` seconds, or if that is None when it is told to. With `records`, from
    (name, A, MX or TXT) to a list of addresses, of (preference, exchange) or of texts, it knows these and no other."""

    def __init__(self, address, delay=None, records=None):
        self.delay = delay
        self.records = records
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
        name, kind = question[12:end - 4], struct.unpack(">H", question[end - 4:end - 2])[0]
        found = self.known(name, kind)
        answers = b"".join(name + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for data in found)
        header = question[:2] + struct.pack(">HHHHH", 0x8180, 1, len(found), 0, 0)
        try:
            self.socket.sendto(header + question[12:end] + answers, client)
        except OSError:
            pass

    def known(self, name, kind):
        if self.records is None:
            return [wire_data(A, "192.0.2.1")] if kind == A else []
        for (known_name, known_kind), data in self.records.items():
            if known_kind == kind and wire_name(known_name) == name.lower():
                return [wire_data(kind, each) for each in data]
        return []

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
