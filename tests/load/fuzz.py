"""20,000 malformed bodies and texts: no crash, no hang, no 5xx but 503 where the server is overloaded.

    python -m tests.load.fuzz [--cases 20000] [--first 0] [--clients 16] [--threads N]

Case number N is the same at every run (`malformed.request`). A client sends what it has, half-closes nothing, and waits for an
answer; where the request can never be complete (its length is wrong) it may be closed without one, within the time for a body.
"""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from service.benchmark.server import Client, served
from tests.load.common import machine, percentile, write
from tests.load.malformed import request

HANG = 330.0
"""Seconds after which a case without an answer or an end counts as hanging: the server's own deadline, and some more."""
TRANSFER = 2
"""Seconds for which the server waits for the rest of a request."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--threads", type=int, help="compute threads of the server; all by default")
    given = parser.parse_args()
    about, started = machine(), time.monotonic()
    with served({"models": "sample", "threads": given.threads, "transfer": TRANSFER, "log_level": "error"}) as server:
        numbers = range(given.first, given.first + given.cases)
        results = asyncio.run(fuzz(server.port, numbers, given.clients))
        client = Client(server.port)
        alive = client.get("/readyz") == 200 and client.get("/healthz") == 200
        client.close()
    figures = {
        **about,
        "settings": vars(given),
        "seconds": round(time.monotonic() - started),
        **verdict(results),
        "alive": alive,
    }
    print(table(figures))
    print(write("fuzz", figures))
    raise SystemExit(not (alive and figures["passed"]))


async def fuzz(port: int, numbers: Sequence[int], clients: int) -> list[tuple[int, int, float]]:
    """For each case its number, the status of its answer (0: closed without one, -1: hung), and the seconds it took."""
    waiting = iter(numbers)
    results: list[tuple[int, int, float]] = []

    async def client() -> None:
        for number in waiting:
            started = time.monotonic()
            status = await _status(port, request(number))
            results.append((number, status, time.monotonic() - started))

    await asyncio.gather(*(client() for _ in range(clients)))
    return results


async def _status(port: int, data: bytes) -> int:
    try:
        async with asyncio.timeout(HANG):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(data)
                head = b""
                while not head.startswith(b"HTTP/1.1 ") or head.startswith(b"HTTP/1.1 1"):
                    head = await reader.readline()
                    if not head:
                        return 0
                await reader.read()
                return int(head[9:12])
            finally:
                writer.transport.abort()
    except ConnectionError:
        return 0
    except TimeoutError:
        return -1


def verdict(results: Sequence[tuple[int, int, float]]) -> dict[str, Any]:
    """How many cases had which answer, the slowest, and those that failed, by number."""
    failed = [number for number, status, _ in results if status == -1 or (status >= 500 and status != 503)]
    return {
        "answers": dict(sorted(Counter(status for _, status, _ in results).items())),
        "p95_seconds": round(percentile([seconds for *_, seconds in results], 0.95), 2),
        "slowest_seconds": round(max(seconds for *_, seconds in results), 2),
        "failed": failed,
        "passed": not failed,
    }


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [f"{'answer':>28}{'cases':>9}"]
    named = {0: "closed without an answer", -1: "hung"}
    lines += [f"{named.get(status, status):>28}{count:>9,}" for status, count in figures["answers"].items()]
    hardware = figures["hardware"]
    lines += [
        f"{figures['seconds']:,} s; p95 {figures['p95_seconds']} s, slowest {figures['slowest_seconds']} s",
        f"failed cases: {figures['failed'] or 'none'}; the server {'lives' if figures['alive'] else 'is GONE'}",
        f"{hardware['cpu']}, {hardware['threads']} threads, load {hardware['load_average']} at the start, nice {figures['nice']}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
