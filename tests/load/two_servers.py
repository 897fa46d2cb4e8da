"""`python -m tests.load.two_servers`: two servers on one PostgreSQL share a job; whichever is killed, the job finishes.

Prints what each round took and whether everything held, and writes it with the hardware to tests/load/results/.
"""

import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx
import torch

from models.benchmark.machine import hardware, versions
from models.benchmark.workloads import articles
from service.version import VERSION
from tests.load.processes import Process
from tests.support import postgres

RESULTS = Path(__file__).parent / "results"
_LONGEST = 900.0  # seconds for a job to end


@dataclass(slots=True)
class Round:
    """A job on two servers, of which one was killed; seconds from the kill until the job had ended."""

    killed: str
    results_at_kill: int
    seconds: float = 0.0
    violations: list[str] = field(default_factory=list)


def one_dies(servers: Sequence[Process], dying: int, size: int, chance: random.Random) -> Round:
    """Submit a job to the server that will die, kill it when some results are there, and read the rest from the other."""
    doomed, other = servers[dying], servers[1 - dying]
    texts = articles()
    batch = [{"id": str(place), "text": "\n".join([*texts[place % len(texts)], f"{place}."])} for place in range(size)]
    made = httpx.post(f"{doomed.url}/v1/jobs", json={"articles": batch, "sentences": 1}, timeout=30).json()
    at = chance.randint(size // 10, size // 2)
    before: list[str] = []
    while len(before) < at:
        time.sleep(0.05)
        before = _lines(doomed, made["id"])
    doomed.kill()
    found = Round("AB"[dying], len(before))
    started = time.monotonic()
    while (shown := httpx.get(f"{other.url}/v1/jobs/{made['id']}", timeout=30).json())["finished"] is None:
        if time.monotonic() - started > _LONGEST:
            found.violations.append(f"the job did not end: {shown['articles']}")
            break
        time.sleep(0.2)
    found.seconds = round(time.monotonic() - started, 1)
    after = _lines(other, made["id"])
    if after[: len(before)] != before:
        found.violations.append("a result that had been read has changed")
    lines = [json.loads(line) for line in after]
    if sorted(line["position"] for line in lines) != list(range(size)):
        found.violations.append(f"{len(lines)} results for {size} articles")
    found.violations += [line["error"]["code"] for line in lines if "error" in line]
    doomed.start()
    return found


def rounds(count: int, size: int, seed: int, **settings: object) -> list[Round]:
    """Each server dies in turn."""
    chance = random.Random(seed)
    with (
        postgres.server() as address,
        postgres.database(address) as url,
        Process(url, dict(settings)) as first,
        Process(url, dict(settings)) as second,
    ):
        for server in (first, second):
            server.start()
        return [one_dies((first, second), number % 2, size, chance) for number in range(count)]


def _lines(server: Process, job: str) -> list[str]:
    return httpx.get(f"{server.url}/v1/jobs/{job}/results", timeout=30).text.splitlines()


def main() -> None:
    made = rounds(4, 200, 5, threads=1)
    for found in made:
        print(
            f"killed {found.killed} after {found.results_at_kill} results; the other had all of them"
            f" {found.seconds} s later; violations: {found.violations or 'none'}"
        )
    RESULTS.mkdir(exist_ok=True)
    told = {"hardware": hardware(torch.device("cpu")), "versions": versions(VERSION)}
    text = json.dumps({**told, "rounds": [asdict(found) for found in made]}, indent=1)
    (RESULTS / "two_servers.json").write_text(f"{text}\n", encoding="utf-8")
    if any(found.violations for found in made):
        raise SystemExit("something did not hold")


if __name__ == "__main__":
    main()
