"""`mujaz bench --soak N`: whether a server's memory, threads or open files grow with the requests that it has answered.

A few clients send good and bad requests of every kind in turn, no two alike, and some hang up instead of reading the answer.
After each tenth all answers are waited for and the server is looked at.
"""

import http.client
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from models.benchmark.worker import memory_of
from models.benchmark.workloads import articles
from service.benchmark.server import Server, served

CLIENTS = 4
TENTHS = 10
_HANG_UP = 20  # of so many requests one is given up
_TIMEOUT = 600.0  # seconds for one answer
_SETTLED = 2  # tenths: by then the server has seen every kind of request often
_MOST = 100_000  # characters that an article may have

Say = Callable[[str], None]
"""Takes a line on what is being done."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, and the status that is right for it."""

    path: str
    body: Mapping[str, Any]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Usage:
    """What a server holds after so many requests: memory in bytes, shared pages in proportion (`pss`) and whole (`rss`)."""

    requests: int
    pss: int
    rss: int
    files: int
    threads: int


@dataclass(frozen=True, slots=True)
class Soak:
    """The course of a run. `answers` counts statuses, `wrong` those that were not the right ones."""

    requests: int
    clients: int
    given_up: int
    answers: Mapping[int, int]
    wrong: int
    usage: list[Usage] = field(default_factory=list)

    def growth(self) -> dict[str, int]:
        """By how much each figure has grown since the server had settled."""
        settled, last = asdict(self.usage[_SETTLED]), asdict(self.usage[-1])
        return {name: last[name] - settled[name] for name in settled if name != "requests"}


def soak(requests: int, threads: int | None, say: Say, *, clients: int = CLIENTS) -> Soak:
    """Send `requests` to a server of its own, with the sample models and `threads` compute threads.

    Raises `EngineFailed` if the server does not come up, and `OSError` if it goes away.
    """
    answers: Counter[int] = Counter()
    wrong = given_up = 0
    settings = {"models": "sample", "threads": threads, "article_chars": _MOST}
    with served(settings) as server, ThreadPoolExecutor(clients) as pool:
        usage = [used(server, 0)]
        for tenth in range(TENTHS):
            numbers = range(requests * tenth // TENTHS, requests * (tenth + 1) // TENTHS)
            shares = pool.map(lambda mine: _send(server.port, mine), [numbers[i::clients] for i in range(clients)])
            for request, status in [outcome for share in shares for outcome in share]:
                given_up += status is None
                wrong += status not in (None, request.status)
                answers.update([status] if status is not None else [])
            _send(server.port, [1])  # whatever was given up is over before this is
            usage.append(used(server, numbers.stop))
            say(f"{numbers.stop:,} requests, {usage[-1].pss / 1e6:,.0f} MB")
    return Soak(requests, clients, given_up, dict(answers), wrong, usage)


def request(number: int) -> Request:
    """The request with this number; numbers far apart give other texts."""
    found = _articles()[number // len(_KINDS) % len(_articles())]
    sentences = [*found[:3], f"{found[-1]} {number}"]
    return _KINDS[number % len(_KINDS)](sentences)


@cache
def _articles() -> list[list[str]]:
    return articles()


def _brief(sentences: Sequence[str]) -> Request:
    return Request("/v1/brief", {"text": "\n".join(sentences)})


def _batch(sentences: Sequence[str]) -> Request:
    good, thai = "\n".join(sentences), "วันนี้ฝนตกหนักในกรุงเทพมหานคร"
    return Request(
        "/v1/brief", {"articles": [{"id": "a", "text": good}, {"id": "b", "text": ""}, {"id": "c", "text": thai}]}
    )


def _page(sentences: Sequence[str]) -> Request:
    return Request(
        "/v1/brief", {"html": f"<html><body><p>{'</p><p>'.join(sentences)}</p></body></html>", "sentences": 1}
    )


def _long(sentences: Sequence[str]) -> Request:
    return Request("/v1/summarize", {"text": sentences[0] * (_MOST // len(sentences[0]) + 1)}, 413)


_KINDS: tuple[Callable[[Sequence[str]], Request], ...] = (
    _brief,
    lambda found: Request("/v1/translate", {"text": found[-1]}),
    lambda found: Request("/v1/translate", {"text": [*found[:2], ""]}),
    lambda found: Request("/v1/summarize", {"text": "\n".join(found), "sentences": 1}),
    _batch,
    lambda found: Request("/v1/detect", {"text": list(found)}),
    lambda found: Request("/v1/translate", {"text": found[-1], "source": "xx"}, 422),
    _page,
    lambda found: Request("/v1/brief", {"text": ""}, 422),
    lambda found: Request("/v1/brief", {"text": found[-1], "unknown": True}, 422),
    lambda found: Request("/v1/translate", {"text": found[-1], "source": "ar"}),
    _long,
    lambda found: Request("/v1/nowhere", {}, 404),
)


def _send(port: int, numbers: Sequence[int]) -> list[tuple[Request, int | None]]:
    """What came of these requests, one after the other: a status, or None for what was given up."""
    outcomes: list[tuple[Request, int | None]] = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    for number in numbers:
        sent = request(number)
        connection.request("POST", sent.path, json.dumps(sent.body).encode(), {"Content-Type": "application/json"})
        if number % _HANG_UP == _HANG_UP - 1:
            connection.close()  # opened again by the next request
            outcomes.append((sent, None))
            continue
        answer = connection.getresponse()
        answer.read()
        outcomes.append((sent, answer.status))
    connection.close()
    return outcomes


def used(server: Server, requests: int) -> Usage:
    """What the server holds now (Linux)."""
    pss, rss = (memory_of(server.pid, "smaps_rollup", name) for name in ("Pss:", "Rss:"))
    files, threads = (sum(1 for _ in Path(f"/proc/{server.pid}/{kind}").iterdir()) for kind in ("fd", "task"))
    return Usage(requests, pss, rss, files, threads)


def as_json(result: Soak, machine: Mapping[str, Any], versions: Mapping[str, str | None]) -> str:
    """Everything, memory in bytes."""
    figures = {**asdict(result), "growth": result.growth()}
    return json.dumps({"hardware": machine, "versions": versions, **figures}, indent=1)


def as_table(result: Soak, machine: Mapping[str, Any]) -> str:
    """What the server held after each tenth, and what it has grown by."""
    counts = ", ".join(f"{count:,} × {status}" for status, count in sorted(result.answers.items()))
    settled, growth = result.usage[_SETTLED].requests, result.growth()
    lines = [
        f"{result.requests:,} requests from {result.clients} clients: {counts}, {result.given_up:,} given up, "
        f"{result.wrong:,} answered wrongly",
        f"{'requests':>12}{'PSS MB':>10}{'RSS MB':>10}{'files':>8}{'threads':>9}",
    ]
    lines += [f"{row.requests:>12,}{_figures(asdict(row))}" for row in result.usage]
    told = f"{machine['cpu']}, {machine['threads']} threads, load {machine['load_average']} at the start"
    return "\n".join([*lines, f"{f'since {settled:,}':>12}{_figures(growth, '+')}", told])


def _figures(figures: Mapping[str, int], sign: str = "") -> str:
    memory = "".join(f"{figures[name] / 1e6:{sign}10,.1f}" for name in ("pss", "rss"))
    return f"{memory}{figures['files']:{sign}8}{figures['threads']:{sign}9}"
