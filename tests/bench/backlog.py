"""A backlog: how quickly a server with 100 000 messages starts and what they cost it in memory, and whether the half of
10 000 destinations that is dead holds up the other half. Destinations are address literals of 127/8; a sink behind all
of them delivers for one half, and for the other says nothing, or hangs up."""

import asyncio
import json
import multiprocessing
import resource
import socket
import time

from support import Configuration, Server, sluice
from support.ports import free_ports

MESSAGES, DESTINATIONS = 100_000, 10_000
SENDERS = 4
BODY = b"Subject: backlog\r\n\r\n" + (b"x" * 70 + b"\r\n") * 14
FILTER = '#{ rcpt: [ rule "all" || state::accept() ] }'
CONFIG = """config.server.client_count_max = 100; config.server.logs.level = ["error"];
  config.server.queues = #{ dirpath: "spool", active_max: 1000000 };
  config.delivery.remote_transport = "deliver"; config.delivery.loopback = true; config.delivery.port = %d;"""


def destination(number):
    """The number of a destination as an address; the last octet says what it does: 1 takes mail, 2 is silent, 3 hangs up."""
    kind = 1 if number % 2 == 0 else 2 if number % 4 == 1 else 3
    return f"127.{100 + number // 62500}.{number // 250 % 250}.{number % 250}", kind


class Sink:
    """In a process of its own; `taken` counts the messages of the living half, `alive` are those that take mail."""

    def __init__(self, port):
        self.taken = multiprocessing.Value("q", 0)
        self.process = multiprocessing.Process(target=lambda: asyncio.run(self.serve(port)), daemon=True)
        self.process.start()
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                time.sleep(0.01)

    async def serve(self, port):
        self.kinds = dict(map(destination, range(DESTINATIONS)))
        server = await asyncio.start_server(self.converse, "0.0.0.0", port, backlog=4096)
        await server.serve_forever()

    async def converse(self, reader, writer):
        kind = self.kinds.get(writer.get_extra_info("sockname")[0], 3)
        try:
            if kind == 2:
                await reader.read()
            if kind == 1:
                await self.take(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    async def take(self, reader, writer):
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            if line[:4].upper() == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                with self.taken.get_lock():
                    self.taken.value += 1
            writer.write(b"250-sink\r\n250 PIPELINING\r\n" if line[:4].upper() == b"EHLO" else b"250 ok\r\n")
            if line[:4].upper() == b"QUIT":
                return

    def close(self):
        self.process.terminate()
        self.process.join()


def submit(address, port, first, step):
    """Every step-th message; many in one write, since the server pipelines."""
    with socket.create_connection((address, port)) as connection, connection.makefile("rb") as replies:
        def expect(code):
            line = replies.readline()
            while line[3:4] == b"-":
                line = replies.readline()
            if not line.startswith(code):
                raise RuntimeError(line)

        expect(b"220")
        connection.sendall(b"EHLO backlog.test\r\n")
        expect(b"250")
        for number in range(first, MESSAGES, step):
            to, _ = destination(number % DESTINATIONS)
            connection.sendall(b"MAIL FROM:<a@here.test>\r\nRCPT TO:<b@[%s]>\r\nDATA\r\n" % to.encode())
            for code in (b"250", b"250", b"354"):
                expect(code)
            connection.sendall(BODY + b".\r\n")
            expect(b"250")


def memory(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) * 1024


def started(configuration):
    begin = time.monotonic()
    server = Server(configuration)
    return server, time.monotonic() - begin


def waiting(configuration):
    done = sluice("status", "-c", configuration.root)
    return int(done.stdout.split("waiting=")[1].split()[0])


def run():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, = free_ports(1, "0.0.0.0")
    sink = Sink(port)
    # One channel that a silent host keeps: everything else waits.
    blocked = CONFIG % port + " config.delivery.connections_total = 1;"
    result = {"messages": MESSAGES, "destinations": DESTINATIONS}
    with Configuration(FILTER, extra=blocked, tls=False) as configuration:
        server, empty_start = started(configuration)
        empty = memory(server)
        submit(configuration.address, configuration.relay, 1, MESSAGES)  # the silent one
        senders = [multiprocessing.Process(target=submit, args=(configuration.address, configuration.relay, first, SENDERS)) for first in range(SENDERS)]
        for each in senders:
            each.start()
        for each in senders:
            each.join()
        server.kill()
        taken = sink.taken.value
        server, start = started(configuration)
        while waiting(configuration) < MESSAGES - taken:
            time.sleep(0.05)
        result["start_seconds"] = {"empty": round(empty_start, 2), "full": round(start, 2)}
        result["octets_of_memory_per_message"] = round((memory(server) - empty) / MESSAGES)
        server.kill()
        configuration.configure(extra=CONFIG % port, tls=False)
        living = sum(destination(number % DESTINATIONS)[1] == 1 for number in range(MESSAGES)) - taken
        server, _ = started(configuration)
        begin = time.monotonic()
        while sink.taken.value < taken + living and time.monotonic() - begin < 300:
            time.sleep(0.02)
        seconds = time.monotonic() - begin
        result["living_half"] = {"messages": living, "delivered": sink.taken.value - taken, "seconds": round(seconds, 1)}
        result["dead_half_still_waits"] = waiting(configuration)
        server.kill()
    sink.close()
    return result


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
