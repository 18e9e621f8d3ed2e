"""Latency of sessions beside others whose rules wait for a resolver that answers after two seconds.

1000 sessions say NOOP in turns; first alone, then while 200 others are in a rule that asks the DNS at each HELO."""
import asyncio
import statistics
import time

from support import Configuration, Server
from support.name_server import RESOLVER, NameServerProcess

FILTER = """#{
  helo: [ rule "lookup" || if ctx::helo().starts_with("slow") { dns::lookup(ctx::helo() + "."); state::next() } else { state::next() } ],
}
"""
SESSIONS = 1000
WAITING = 200
ROUNDS = 5


async def session(configuration):
    reader, writer = await asyncio.open_connection(configuration.address, configuration.relay)
    await reader.readline()
    return reader, writer


async def noops(sessions):
    """Microseconds of every round trip, all sessions one after the other, `ROUNDS` times."""
    times = []
    for _ in range(ROUNDS):
        for reader, writer in sessions:
            begin = time.perf_counter()
            writer.write(b"NOOP\r\n")
            reply = await reader.readline()
            times.append((time.perf_counter() - begin) * 1e6)
            if not reply.startswith(b"250"):
                raise RuntimeError(reply)
    return times


async def ask(configuration, number, stop):
    """One session that asks for a new name again and again. How often."""
    reader, writer = await session(configuration)
    asked = 0
    while not stop.is_set():
        writer.write(b"HELO slow%d-%d.test\r\n" % (number, asked))
        await reader.readline()
        asked += 1
    writer.close()
    return asked


def figures(times):
    ordered = sorted(times)
    return {"median_us": round(statistics.median(ordered), 1), "p99_us": round(ordered[len(ordered) * 99 // 100], 1)}


async def measure(configuration):
    sessions = [await session(configuration) for _ in range(SESSIONS)]
    await noops(sessions[:100])  # warm
    alone = await noops(sessions)
    stop = asyncio.Event()
    waiting = [asyncio.create_task(ask(configuration, i, stop)) for i in range(WAITING)]
    await asyncio.sleep(0.7)  # all are in their rules, and none is answered before two seconds
    beside = await noops(sessions)
    stop.set()
    asked = sum(await asyncio.gather(*waiting))
    for _, writer in sessions:
        writer.close()
    return {"sessions": SESSIONS, "waiting": WAITING, "lookups": asked, "alone": figures(alone), "beside": figures(beside),
            "median_ratio": round(statistics.median(beside) / statistics.median(alone), 2)}


def run():
    names = NameServerProcess(delay=2)
    try:
        extra = RESOLVER.format("127.0.0.1", names.port) + "  config.server.client_count_max = 2000;"
        with Configuration(filter=FILTER, extra=extra, tls=False) as configuration, Server(configuration):
            return asyncio.run(measure(configuration))
    finally:
        names.close()
