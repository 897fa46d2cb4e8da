"""10,000 briefs in a row, no two of the same text: does the server's memory, or its number of files or threads, grow?

    python -m tests.load.endurance [--briefs 10000] [--clients 8] [--threads N]

The server is looked at forty times, each time when nothing is in work. Memory is flat when its mean over the last quarter is
within 3% of that over the second; files and threads must not be more in the last quarter than at most in the second.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from http.client import HTTPConnection
from statistics import mean
from typing import Any

from service.benchmark.server import served
from service.benchmark.soak import Usage, used
from tests.load.common import article, machine, write

LOOKS = 40
FLAT = 0.03
_LENGTHS = (2, 9, 4, 6, 3, 12, 5, 8)  # sentences at most, in turn: memory must hold for all lengths at once
_TIMEOUT = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--briefs", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--threads", type=int, help="compute threads of the server; all by default")
    given = parser.parse_args()
    about, started = machine(), time.monotonic()
    usage, answers = run(given.briefs, given.clients, {"models": "sample", "threads": given.threads})
    figures = {
        **about,
        "settings": vars(given),
        "seconds": round(time.monotonic() - started),
        "answers": dict(answers),
        **verdict(usage),
        "usage": [asdict(look) for look in usage],
    }
    print(table(figures))
    print(write("endurance", figures))
    raise SystemExit(not figures["flat"] or set(answers) != {200})


def run(briefs: int, clients: int, settings: dict[str, object]) -> tuple[list[Usage], Counter[int]]:
    """What the server held after each look's share of the briefs, and how many answers had which status."""
    usage: list[Usage] = []
    answers: Counter[int] = Counter()
    with served(settings) as server, ThreadPoolExecutor(clients) as pool:
        for look in range(LOOKS):
            numbers = range(briefs * look // LOOKS, briefs * (look + 1) // LOOKS)
            shares = [numbers[client::clients] for client in range(clients)]
            for statuses in pool.map(partial(_send, server.port), shares):
                answers.update(statuses)
            usage.append(used(server, numbers.stop))
            print(f"{numbers.stop:,} briefs, {usage[-1].rss / 1e6:,.1f} MB", flush=True)
    return usage, answers


def _send(port: int, numbers: Sequence[int]) -> list[int]:
    statuses: list[int] = []
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    for number in numbers:
        body = json.dumps({"text": article(number, _LENGTHS[number % len(_LENGTHS)])}, ensure_ascii=False).encode()
        connection.request("POST", "/v1/brief", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()
    return statuses


def verdict(usage: Sequence[Usage]) -> dict[str, Any]:
    """The second quarter beside the last: mean resident memory in MB, most files and threads; whether all is flat."""
    quarter = len(usage) // 4
    second, last = usage[quarter : 2 * quarter], usage[-quarter:]
    memory = [mean(look.rss for look in looks) / 1e6 for looks in (second, last)]
    files, threads = (
        [max(getattr(look, name) for look in looks) for looks in (second, last)] for name in ("files", "threads")
    )
    growth = memory[1] / memory[0] - 1
    flat = abs(growth) <= FLAT and files[1] <= files[0] and threads[1] <= threads[0]
    return {
        "rss_mb": [round(value, 1) for value in memory],
        "growth": round(growth, 4),
        "files": files,
        "threads": threads,
        "flat": flat,
    }


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [f"{'':<24}{'second quarter':>16}{'last quarter':>16}"]
    for name, title in (("rss_mb", "resident memory, MB"), ("files", "open files, most"), ("threads", "threads, most")):
        lines.append(f"{title:<24}{figures[name][0]:>16}{figures[name][1]:>16}")
    lines.append(f"growth of memory {figures['growth']:+.2%}: {'flat' if figures['flat'] else 'NOT flat'}")
    lines.append(f"{figures['settings']['briefs']:,} briefs in {figures['seconds']:,} s, answers {figures['answers']}")
    hardware = figures["hardware"]
    lines.append(f"{hardware['cpu']}, {hardware['threads']} threads, load {hardware['load_average']} at the start")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
