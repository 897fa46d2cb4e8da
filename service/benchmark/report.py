"""What was measured through HTTP, as a table to read and as JSON to keep."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from service.benchmark.measure import REQUEST, ServiceResult


def as_table(result: ServiceResult, machine: Mapping[str, Any]) -> str:
    """Throughput from the engine outwards with its share of the engine's own, then the reader's waiting."""
    engine = result.throughput[0].rate
    lines = [
        f"{result.sentences} sentences, sample translator, requests of {REQUEST} (CPU columns: seconds in each second)",
        f"{'way in':20}{'sentences/s':>14}{'of engine':>12}{'server CPU':>12}{'event loop':>12}{'client CPU':>12}",
    ]
    for row in result.throughput:
        shares = (row.server, row.event_loop, row.clients)
        cells = "".join(f"{'' if share is None else format(share, '.2f'):>12}" for share in shares)
        lines.append(f"{row.name:20}{row.rate:14.1f}{row.rate / engine:12.0%}{cells}".rstrip())
    idle = result.waiting[0]
    lines += [
        "",
        f"{result.briefs} briefs for one reader",
        f"{'server':20}{'p50 ms':>14}{'p95 ms':>12}{'of idle p95':>12}{'bulk sentences/s':>18}",
    ]
    for waiting in result.waiting:
        figures = f"{waiting.median:14.0f}{waiting.p95:12.0f}{waiting.p95 / idle.p95:12.2f}"
        bulk = "" if waiting.bulk is None else f"{waiting.bulk:18.1f}"
        lines.append(f"{waiting.name:20}{figures}{bulk}")
    told = f"{machine['cpu']}, {machine['threads']} threads, load {machine['load_average']} at the start"
    return "\n".join([*lines, "", told])


def as_json(result: ServiceResult, machine: Mapping[str, Any], versions: Mapping[str, str | None]) -> str:
    return json.dumps({"hardware": machine, "versions": versions, **asdict(result)}, indent=1)
