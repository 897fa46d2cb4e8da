"""`python -m tests.load.crash`: a server is killed (`kill -9`) at random moments while it works through jobs.

What must hold: nothing acknowledged is lost, no article has two results, no result once read changes, events have no gaps, no
innocent article is set aside. Prints a table, and writes the figures with the hardware to tests/load/results/.
"""

import argparse
import json
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx
import torch

from models.benchmark.machine import hardware, versions
from models.benchmark.workloads import articles
from service.version import VERSION
from tests.load.processes import Process
from tests.support import postgres

RESULTS = Path(__file__).parent / "results"


@dataclass(slots=True)
class Report:
    """What came of a run; `violations` is empty if everything held. Seconds are from the start of a process."""

    database: str
    kills: int
    jobs: int = 0
    articles: int = 0
    results_read: int = 0
    accepting_seconds: list[float] = field(default_factory=list)
    ready_seconds: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


class Reader(threading.Thread):
    """Submits jobs, always one at least unfinished, and reads all their results and events again and again.

    A result that has been read must come the same ever after; what it reads is held against what it has read before.
    """

    def __init__(self, server: Process, size: int, report: Report) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.size = size
        self.report = report
        self.lines: dict[str, dict[int, str]] = {}
        self.positions: dict[str, set[int]] = {}
        self.events: dict[str, list[str]] = {}
        self.over: set[str] = set()
        self.enough = threading.Event()
        self._texts = articles()
        self._submitted = 0
        self._waiting: dict[str, Any] | None = None

    def run(self) -> None:
        """Until `enough` is set and every job has ended."""
        while not (self.enough.is_set() and len(self.over) == len(self.lines) and self._waiting is None):
            try:
                with httpx.Client(base_url=self.server.url, timeout=10) as client:
                    self._turn(client)
            except httpx.HTTPError:
                pass  # it was killed meanwhile
            except Exception as error:
                self.report.violations.append(f"reading failed: {error!r}")
                return
            time.sleep(0.1)

    def _turn(self, client: httpx.Client) -> None:
        if self._waiting or (len(self.over) == len(self.lines) and not self.enough.is_set()):
            self._submit(client)
        for job in [job for job in self.lines if job not in self.over]:
            shown = self._get(client, f"/v1/jobs/{job}")
            self._read(client, job)
            if shown.json()["finished"]:
                self._read(client, job)
                self._check_end(client, job)
                self.over.add(job)

    def _submit(self, client: httpx.Client) -> None:
        """With an idempotency key, and again with the same until it is acknowledged: so there is one job for each key."""
        if self._waiting is None:
            number, self._submitted = self._submitted, self._submitted + 1
            texts = [self._texts[(number * 7 + place) % len(self._texts)] for place in range(self.size)]
            self._waiting = {
                "articles": [{"id": f"{number}-{place}", "text": "\n".join([*text, f"{number} {place}."])}
                             for place, text in enumerate(texts)],
                "sentences": 1,
            }  # fmt: skip
        answer = client.post("/v1/jobs", json=self._waiting, headers={"Idempotency-Key": str(self._submitted)})
        if answer.status_code in (200, 202):
            self.lines.setdefault(answer.json()["id"], {})
            self._waiting = None
        else:
            self._expect(answer.status_code == 503, f"submitting was answered {answer.status_code}")

    def _read(self, client: httpx.Client, job: str) -> None:
        """All results from the first on."""
        known = self.lines[job]
        for line in self._get(client, f"/v1/jobs/{job}/results").text.splitlines():
            number = json.loads(line)["number"]
            self._expect(known.setdefault(number, line) == line, f"result {number} of {job} has changed")
            self.report.results_read += 1

    def _check_end(self, client: httpx.Client, job: str) -> None:
        lines = [json.loads(line) for line in self.lines[job].values()]
        self._expect(sorted(self.lines[job]) == list(range(1, self.size + 1)), f"numbers of {job} have gaps")
        self._expect(
            sorted(line["position"] for line in lines) == list(range(self.size)), f"{job}: not one result an article"
        )
        errors = [line["error"]["code"] for line in lines if "error" in line]
        self._expect(not errors, f"{job}: {errors}")
        blocks = self._get(client, f"/v1/jobs/{job}/events").text.split("\n\n")[:-1]
        numbers = [int(block.split("\n")[0].removeprefix("id: ")) for block in blocks]
        self._expect(numbers == list(range(1, len(numbers) + 1)), f"events of {job} have gaps")
        kinds = [block.split("\n")[1].removeprefix("event: ") for block in blocks]
        self._expect(kinds.count("article") == self.size and kinds[-1] == "end", f"events of {job}: {kinds[-1]}")

    def _get(self, client: httpx.Client, path: str) -> httpx.Response:
        """The answer. Raises httpx's errors for 503, which says to come again: the database is not open yet."""
        answer = client.get(path)
        if answer.status_code == 503:
            answer.raise_for_status()
        self._expect(answer.status_code == 200, f"{path} was answered {answer.status_code}")
        return answer

    def _expect(self, held: bool, violation: str) -> None:
        if not held:
            self.report.violations.append(violation)


def crash(database: str, kills: int, size: int, seed: int, longest: float = 8.0, **settings: object) -> Report:
    """Kill a server `kills` times, each up to `longest` seconds after it is ready, and start it again.

    Every fifth time the seconds count from when it accepts requests.
    """
    report = Report(database, kills)
    chance = random.Random(seed)
    with _database(database) as url, Process(url, dict(settings)) as server:
        server.start()
        reader = Reader(server, size, report)
        reader.start()
        for number in range(kills):
            time.sleep(chance.uniform(0, longest))
            server.kill()
            server.start(wait_ready=number % 5 != 3)  # else it may be killed while its models load
            print(f"{database}: killed {number + 1} times, {sum(map(len, reader.lines.values()))} results", flush=True)
        reader.enough.set()
        reader.join(1800)
        if reader.is_alive():
            report.violations.append("the jobs did not end within half an hour")
    report.jobs, report.articles = len(reader.lines), sum(map(len, reader.lines.values()))
    report.accepting_seconds, report.ready_seconds = server.accepting[1:], server.ready[1:]
    return report


@contextmanager
def _database(kind: str) -> Iterator[str]:
    with ExitStack() as until:
        if kind == "sqlite":
            folder = until.enter_context(tempfile.TemporaryDirectory(prefix="mujaz-"))
            yield f"sqlite:///{folder}/mujaz.db"
        else:
            yield until.enter_context(postgres.database(until.enter_context(postgres.server())))


def _shown(report: Report) -> str:
    accepting, ready = sorted(report.accepting_seconds), sorted(report.ready_seconds)
    return (
        f"{report.database:>10} {report.kills:6} {report.jobs:5} {report.articles:9} {report.results_read:9,}"
        f" {accepting[len(accepting) // 2]:8.2f} {accepting[-1]:6.2f} {ready[len(ready) // 2]:8.2f} {ready[-1]:6.2f}"
        f" {len(report.violations):11}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--size", type=int, default=200, help="articles in a job")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("databases", nargs="*", default=["sqlite", "postgresql"])
    given = parser.parse_args()
    machine = hardware(torch.device("cpu"))
    reports = [crash(name, given.kills, given.size, given.seed, threads=given.threads) for name in given.databases]
    print("  database  kills  jobs  articles   results  accepting (s)    ready (s)      violations")
    print("                                      read   median    max   median    max")
    for report in reports:
        print(_shown(report))
    RESULTS.mkdir(exist_ok=True)
    told = {
        "hardware": machine,
        "versions": versions(VERSION),
        "seed": given.seed,
        "threads": given.threads,
        "size": given.size,
    }
    told["runs"] = [asdict(report) for report in reports]
    path = RESULTS / f"crash-{'-'.join(given.databases)}.json"
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if any(report.violations for report in reports):
        raise SystemExit("\n".join(violation for report in reports for violation in report.violations))


if __name__ == "__main__":
    main()
