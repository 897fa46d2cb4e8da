"""Ten times the sustainable rate for 60 seconds: is every request answered, does the server keep its work and its memory?

    python -m tests.load.overload [--factor 10] [--seconds 60] [--threads N]

One server with the sample models, one generator. The peak is the most articles answered per second with 8, 16, 24 and 32 clients
that wait for their answers. Then come, at Poisson arrivals: half the peak (the quiet time to compare with), `factor` times the
peak, and half the peak again. Seven in eight requests are single articles, one is a batch of four; no two texts share a sentence.
"""

import argparse
import asyncio
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from models.benchmark.worker import memory_of
from service.benchmark.server import Server, served
from tests.load.common import machine, percentile, write
from tests.load.generator import BATCH, BULK_EVERY, Outcome, Sending, arrivals, closed_loop, cpu_of, open_loop, sendings

CLIENTS = (8, 16, 24, 32)
QUIET, AFTER = 20.0, 20.0  # seconds at half the peak, before and after
RECOVERY = 5.0
MEMORY_MB = 200
GOODPUT = 0.8
SLOWER = 1.5
"""Interactive p95 has recovered when it is at most so many times that of the quiet time."""
ARTICLES = (BULK_EVERY - 1 + BATCH) / BULK_EVERY
"""Articles of a request, on average."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--factor", type=float, default=10.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--closed", type=float, default=12.0, help="seconds for each number of clients")
    parser.add_argument("--threads", type=int, help="compute threads of the server; all by default")
    given = parser.parse_args()
    figures: dict[str, Any] = {**machine(), "settings": vars(given)}
    with served({"models": "sample", "threads": given.threads}) as server:
        figures |= run(server, given.factor, given.seconds, given.closed)
    print(table(figures))
    print(write("overload", figures))
    raise SystemExit(not all(figures["met"].values()))


def run(server: Server, factor: float, seconds: float, closed: float) -> dict[str, Any]:
    """All phases, one after the other, on one server."""
    endless = sendings()
    asyncio.run(closed_loop(server.port, CLIENTS[-1], closed, endless))  # warm
    with watched(server) as steady:
        tried = {
            clients: _goodput(asyncio.run(closed_loop(server.port, clients, closed, endless))) for clients in CLIENTS
        }
    peak = max(tried.values())
    rate = peak / ARTICLES
    print(f"peak {peak:.1f} articles/s; clients: {tried}", flush=True)
    plan = [("quiet", rate / 2, QUIET), ("overload", rate * factor, seconds), ("after", rate / 2, AFTER)]
    moments, requests, ends = _schedule(plan, endless)
    used = server.cpu_seconds()
    with watched(server) as held:
        outcomes, took, busy = cpu_of(lambda: asyncio.run(open_loop(server.port, moments, requests)))
    phases, start = _split(moments, outcomes, ends), outcomes[0].sent - moments[0]
    figures = {
        "peak_articles_per_second": round(peak, 2),
        "clients_tried": {clients: round(goodput, 2) for clients, goodput in tried.items()},
        "phases": {
            name: _phase(phases[name], offered) | {"articles_per_second": _rate(outcomes, start + end - length, length)}
            for (name, offered, length), end in zip(plan, ends, strict=True)
        },
        "generator_cpu_share": round(busy / took, 3),
        "server_cpu_share": round((server.cpu_seconds() - used) / took, 3),
        "memory_mb": {"steady": round(max(steady)), "most": round(max(held))},
        "after_end": _after_end(phases["after"], start + ends[1]),
    }
    return figures | {"met": _met(figures, phases["overload"])}


def _schedule(
    plan: Sequence[tuple[str, float, float]], endless: Iterator[Sending]
) -> tuple[list[float], list[Sending], list[float]]:
    """The moments of all phases in one line, the requests made beforehand, and when each phase ends."""
    moments: list[float] = []
    ends: list[float] = []
    at = 0.0
    for seed, (_, rate, length) in enumerate(plan):
        moments += [at + moment for moment in arrivals(rate, length, seed)]
        at += length
        ends.append(at)
    return moments, list(islice(endless, len(moments))), ends


def _split(moments: Sequence[float], outcomes: Sequence[Outcome], ends: Sequence[float]) -> dict[str, list[Outcome]]:
    """The outcomes by the phase to which their request belongs."""
    phases: dict[str, list[Outcome]] = {"quiet": [], "overload": [], "after": []}
    for moment, outcome in zip(moments, outcomes, strict=True):
        list(phases.values())[sum(moment >= end for end in ends[:2])].append(outcome)
    return phases


def _goodput(outcomes: Sequence[Outcome]) -> float:
    """Articles answered per second, between the first request and the last answer."""
    began, ended = min(outcome.sent for outcome in outcomes), max(outcome.ended for outcome in outcomes)
    return sum(outcome.done for outcome in outcomes) / (ended - began)


def _rate(outcomes: Sequence[Outcome], start: float, seconds: float) -> float:
    """Articles answered per second of a phase, whenever they were sent."""
    return round(sum(outcome.done for outcome in outcomes if start <= outcome.ended < start + seconds) / seconds, 2)


def _phase(outcomes: Sequence[Outcome], rate: float) -> dict[str, Any]:
    """What became of the requests sent in one phase."""
    refused = [outcome.seconds for outcome in outcomes if outcome.status in (429, 503)]
    lanes = {
        lane: [o.seconds for o in outcomes if o.lane == lane and o.status == 200] for lane in ("interactive", "bulk")
    }
    return {
        "offered_requests_per_second": round(rate, 1),
        "sent": len(outcomes),
        "answers": dict(sorted(Counter(outcome.status for outcome in outcomes).items())),
        "answered_of_lane": {lane: len(seconds) for lane, seconds in lanes.items()},
        "p50_seconds": {lane: round(percentile(seconds, 0.5), 2) for lane, seconds in lanes.items()},
        "p95_seconds": {lane: round(percentile(seconds, 0.95), 2) for lane, seconds in lanes.items()},
        "refusal_p95_seconds": round(percentile(refused, 0.95), 3),
    }


def _after_end(outcomes: Sequence[Outcome], end: float) -> dict[str, Any]:
    """Interactive p95 of what was sent in the five seconds after the overload's end, and of what was sent later."""
    found = {}
    for name, since, until in (("first_5_seconds", 0.0, RECOVERY), ("later", RECOVERY, AFTER)):
        sent = [o for o in outcomes if o.lane == "interactive" and since <= o.sent - end < until]
        answered = [o.seconds for o in sent if o.status == 200]
        found[name] = {
            "sent": len(sent),
            "answered": len(answered),
            "p95_seconds": round(percentile(answered, 0.95), 2),
        }
    return found


def _met(figures: dict[str, Any], overload: Sequence[Outcome]) -> dict[str, bool]:
    """What is asked for, and whether it is so."""
    quiet, memory, later = figures["phases"]["quiet"], figures["memory_mb"], figures["after_end"]["later"]
    return {
        "every request answered": all(o.status in (200, 429, 503) and o.told for o in overload),
        f"memory within {MEMORY_MB} MB": memory["most"] <= memory["steady"] + MEMORY_MB,
        f"goodput at least {GOODPUT:.0%} of the peak": figures["phases"]["overload"]["articles_per_second"]
        >= GOODPUT * figures["peak_articles_per_second"],
        f"interactive p95 recovered {RECOVERY:.0f} s after": later["answered"] == later["sent"]
        and later["p95_seconds"] <= SLOWER * quiet["p95_seconds"]["interactive"],
    }


@contextmanager
def watched(server: Server) -> Iterator[list[float]]:
    """The server's resident memory in MB, looked at four times a second until the block ends."""
    seen: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.25):
            seen.append(memory_of(server.pid, "status", "VmRSS:") / 1e6)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [
        f"peak {figures['peak_articles_per_second']} articles/s; by clients {figures['clients_tried']}",
        f"{'':<10}{'offered/s':>10}{'sent':>7}{'articles/s':>12}{'p50 s':>7}{'p95 s':>7}{'bulk p95':>10}{'refused p95':>13}",
    ]
    for name, phase in figures["phases"].items():
        p50, p95 = phase["p50_seconds"], phase["p95_seconds"]
        lines.append(
            f"{name:<10}{phase['offered_requests_per_second']:>10}{phase['sent']:>7}{phase['articles_per_second']:>12}"
            f"{p50['interactive']:>7}{p95['interactive']:>7}{p95['bulk']:>10}{phase['refusal_p95_seconds']:>13}"
            f"  {phase['answers']}"
        )
    memory, after = figures["memory_mb"], figures["after_end"]
    lines += [
        f"memory MB: steady {memory['steady']}, most {memory['most']}",
        f"interactive after the end: {after}",
        f"CPU share of one core: generator {figures['generator_cpu_share']}, server {figures['server_cpu_share']}",
        *(f"{'met' if met else 'NOT MET'}: {what}" for what, met in figures["met"].items()),
        f"{figures['hardware']['cpu']}, load {figures['hardware']['load_average']} at the start, nice {figures['nice']}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
