"""Clients that do not do their part: slow senders, slow readers, half-closed and idle connections. Are others served meanwhile?

    python -m tests.load.slow_clients [--seconds 15] [--threads N]

Two ordinary clients ask for briefs, one after the other, first alone, then beside each kind of slow client, then alone again.
What is compared is the p95 of their waiting. No two briefs are of the same text.
"""

import argparse
import asyncio
import json
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any

from models.benchmark.worker import memory_of
from service.benchmark.server import Server, served
from tests.load.common import article, machine, percentile, write
from tests.load.generator import Outcome, Sending, closed_loop

CLIENTS = 2
MANY = 200
IDLE = 500
READERS = 50
PIPELINED = 40
"""Answers that a slow reader asks for at one time: together more than the sockets' buffers hold."""
SENTENCES = 4

_HEAD = b"POST /v1/brief HTTP/1.1\r\nHost: mujaz\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n"


async def _connected(port: int, *, small: bool = False) -> socket.socket:
    made = socket.socket()
    if small:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
    return made


async def _trickle(port: int, beginning: bytes, byte: bytes) -> None:
    """Send `beginning` and then a byte each second; connect again when the server has had enough."""
    loop = asyncio.get_running_loop()
    while True:
        made = await _connected(port)
        with made, suppress(OSError):
            await loop.sock_sendall(made, beginning)
            while True:
                await asyncio.sleep(1.0)
                await loop.sock_sendall(made, byte)


async def _hold(port: int, data: bytes, *, half: bool = False, small: bool = False) -> None:
    """Send `data`, close the sending side if `half`, and never read; connect again when the server has closed."""
    loop = asyncio.get_running_loop()
    while True:
        made = await _connected(port, small=small)
        with made, suppress(OSError):
            await loop.sock_sendall(made, data)
            if half:
                made.shutdown(socket.SHUT_WR)
            while made.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == 1:  # established
                await asyncio.sleep(1.0)
            await asyncio.sleep(1.0)


Slow = Callable[[int], Awaitable[None]]
KINDS: dict[str, tuple[int, Slow]] = {
    "slow headers": (MANY, lambda port: _trickle(port, b"POST /v1/brief HTTP/1.1\r\n", b"a")),
    "slow bodies": (MANY, lambda port: _trickle(port, _HEAD + b"\r\n{", b" ")),
    "slow readers": (
        READERS,
        lambda port: _hold(port, b"GET /openapi.json HTTP/1.1\r\nHost: mujaz\r\n\r\n" * PIPELINED, small=True),
    ),
    "half-closed": (MANY, lambda port: _hold(port, _HEAD + b"\r\n{", half=True)),
    "idle": (IDLE, lambda port: _hold(port, b"")),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--threads", type=int, help="compute threads of the server; all by default")
    given = parser.parse_args()
    figures: dict[str, Any] = {**machine(), "settings": vars(given)}
    with served({"models": "sample", "threads": given.threads}) as server:
        figures["rows"] = asyncio.run(run(server, given.seconds))
    served_all = all(set(row["answers"]) == {200} for row in figures["rows"])
    figures["everybody_served"] = served_all
    print(table(figures))
    print(write("slow_clients", figures))
    raise SystemExit(not served_all)


async def run(server: Server, seconds: float) -> list[dict[str, Any]]:
    """A row for each kind of slow client, between two without any."""
    requests = _briefs()
    await closed_loop(server.port, CLIENTS, seconds / 2, requests)  # warm
    rows = [await _row(server, "none, before", 0, None, seconds, requests)]
    for name, (number, slow) in KINDS.items():
        rows.append(await _row(server, name, number, slow, seconds, requests))
    everybody = [(number, slow) for number, slow in KINDS.values()]

    async def all_kinds(port: int) -> None:
        await asyncio.gather(*(slow(port) for number, slow in everybody for _ in range(number)))

    rows.append(await _row(server, "all together", 1, all_kinds, seconds, requests))
    rows.append(await _row(server, "none, after", 0, None, seconds, requests))
    for row in rows:
        row["ratio"] = round(row["p95_seconds"] / max(rows[0]["p95_seconds"], rows[-1]["p95_seconds"]), 2)
    return rows


async def _row(
    server: Server, name: str, number: int, slow: Slow | None, seconds: float, requests: Iterator[Sending]
) -> dict[str, Any]:
    beside = [asyncio.ensure_future(slow(server.port)) for _ in range(number)] if slow else []
    await asyncio.sleep(2.0)  # all are connected
    began = time.perf_counter()
    outcomes: list[Outcome] = await closed_loop(server.port, CLIENTS, seconds, requests)
    took = time.perf_counter() - began
    for task in beside:
        task.cancel()
    ended = await asyncio.gather(*beside, return_exceptions=True)
    waited = [outcome.seconds for outcome in outcomes]
    statuses = [outcome.status for outcome in outcomes]
    return {
        "beside": name,
        "failed_to_connect": sum(not isinstance(end, asyncio.CancelledError) for end in ended),
        "briefs_per_second": round(len(outcomes) / took, 2),
        "answers": {status: statuses.count(status) for status in sorted(set(statuses))},
        "p50_seconds": round(percentile(waited, 0.5), 3),
        "p95_seconds": round(percentile(waited, 0.95), 3),
        "memory_mb": round(memory_of(server.pid, "status", "VmRSS:") / 1e6),
    }


def _briefs() -> Iterator[Sending]:
    for number in count(1):
        content = json.dumps({"text": article(number, SENTENCES)}, ensure_ascii=False).encode()
        head = f"POST /v1/brief HTTP/1.1\r\nHost: mujaz\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        yield Sending("interactive", 1, f"{head}Connection: close\r\n\r\n".encode() + content)


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [f"{'beside':<16}{'briefs/s':>10}{'p50 s':>8}{'p95 s':>8}{'ratio':>7}{'memory MB':>11}  answers"]
    lines += [
        f"{row['beside']:<16}{row['briefs_per_second']:>10}{row['p50_seconds']:>8}{row['p95_seconds']:>8}{row['ratio']:>7}"
        f"{row['memory_mb']:>11}  {row['answers']}"
        for row in figures["rows"]
    ]
    hardware = figures["hardware"]
    lines.append(
        f"ratio: p95 to the larger one without slow clients; {MANY} slow senders of each kind, {READERS} readers, "
        f"{MANY} half-closed, {IDLE} idle"
    )
    lines.append(
        f"{hardware['cpu']}, {hardware['threads']} threads, load {hardware['load_average']} at the start, nice {figures['nice']}"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
