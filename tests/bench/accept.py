"""Messages accepted per second: N connections at once, each sends M messages of 4 KiB, 250 counted only when the server
has made the message durable. The client is Python, so the figure is a floor for the server."""
import asyncio
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CONFIG = """fn on_config(config) {
  config.server.name = "bench.test";
  config.server.client_count_max = -1;
  config.server.logs.level = "error";
  config.server.interfaces = #{ addr: ["127.0.0.1:0"] };
  config.server.queues.dirpath = "spool";
  config.server.run_dir = "run";
  config.delivery.transport = "maildir:mail/%d/%u";
  config
}"""
FILTER = '#{ rcpt: [ rule "all" || state::accept() ] }'
BODY = b"Subject: bench\r\n\r\n" + b"x" * 76 + b"\r\n"
BODY += (b"y" * 76 + b"\r\n") * 50


async def reply(reader):
    while True:
        line = await reader.readline()
        if not line:
            raise ConnectionError("closed")
        if line[3:4] == b" ":
            return line


async def client(port, messages):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reply(reader)
    writer.write(b"EHLO bench\r\n")
    await reply(reader)
    for _ in range(messages):
        writer.write(b"MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n")
        for _ in range(3):
            await reply(reader)
        writer.write(BODY + b".\r\n")
        answer = await reply(reader)
        if not answer.startswith(b"250"):
            raise RuntimeError(answer)
    writer.write(b"QUIT\r\n")
    await reply(reader)
    writer.close()


async def measure(port, connections, messages):
    start = time.monotonic()
    await asyncio.gather(*(client(port, messages) for _ in range(connections)))
    return time.monotonic() - start


def main(binary):
    root = pathlib.Path(tempfile.mkdtemp(prefix="sluice-bench-", dir=os.environ.get("SLUICE_BENCH_DIR")))
    (root / "conf.d").mkdir()
    (root / "conf.d" / "config.vsl").write_text(CONFIG)
    (root / "filter.vsl").write_text(FILTER)
    process = subprocess.Popen([binary, "run", "-c", str(root), "--stderr"], stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if "ready" in line:
                break
        status = subprocess.run([binary, "status", "-c", str(root)], capture_output=True, text=True, check=True).stdout
        port = int(re.search(r"listening 127\.0\.0\.1:(\d+)", status).group(1))
        result = {}
        for connections, messages in ((1, 200), (16, 60), (64, 30)):
            runs = sorted(asyncio.run(measure(port, connections, messages)) for _ in range(3))
            result[f"{connections} connections"] = {"unit": "messages/s", "durable": round(connections * messages / runs[1])}
        idle = sorted(asyncio.run(measure(port, 200, 0)) for _ in range(3))
        result["connect, EHLO, QUIT, 200 at once"] = {"unit": "sessions/s", "sluice": round(200 / idle[1])}
        return result
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        process.stderr.close()
        shutil.rmtree(root)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1]), indent=2))
