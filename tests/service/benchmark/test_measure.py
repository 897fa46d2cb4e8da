"""The same sentences through engine, runtime and HTTP: on a real server with the sample models, but few of them."""

import json

import pytest

from models.errors import EngineFailed
from service.benchmark.measure import ServiceResult, Throughput, Waiting, measure
from service.benchmark.report import as_json, as_table
from service.benchmark.server import served

MACHINE = {"cpu": "A CPU", "threads": 2, "load_average": 0.5}


def test_every_way_in_is_measured() -> None:
    told: list[str] = []
    result = measure(1, told.append, clients=(1, 2), sentences=16, briefs=2, rounds=2)
    assert [row.name for row in result.throughput] == ["engine", "runtime", "HTTP, 1 clients", "HTTP, 2 clients"]
    assert all(row.rate > 0 for row in result.throughput)
    assert result.throughput[0].server is None
    assert all(row.server is not None and row.event_loop is not None for row in result.throughput[2:])
    assert [row.name for row in result.waiting] == ["idle", "beside bulk work"]
    assert all(0 < row.median <= row.p95 for row in result.waiting)
    assert [len(row.rounds) for row in result.throughput] == [2, 1, 1, 2]  # the first and the last are compared
    assert all(row.rate in row.rounds for row in result.throughput)
    assert result.waiting[0].bulk is None
    assert result.waiting[1].bulk is not None  # in so short a time it may be none
    assert told[0] == "warming up" and len(told) == 9


def test_the_table_has_shares_of_the_engine_and_of_the_idle_waiting_time() -> None:
    throughput = [Throughput("engine", 100.0), Throughput("HTTP, 8 clients", 90.0, 1.9, 0.25, 0.05)]
    result = ServiceResult(
        1024, 40, throughput, [Waiting("idle", 100.0, 200.0), Waiting("beside bulk work", 150.0, 300.0, 20.0)]
    )
    table = as_table(result, MACHINE)
    rows = {line.split("  ")[0]: line.split() for line in table.splitlines() if line}
    assert rows["HTTP, 8 clients"][-5:] == ["90.0", "90%", "1.90", "0.25", "0.05"]
    assert rows["beside bulk work"][-4:] == ["150", "300", "1.50", "20.0"]
    document = json.loads(as_json(result, MACHINE, {"mujaz": "1"}))
    assert document["throughput"][1]["rate"] == 90.0
    assert document["hardware"] == MACHINE


def test_a_server_that_cannot_start_is_told() -> None:
    with pytest.raises(EngineFailed, match="exit code 2"), served({"models": "sample", "dtype": "float99"}):
        pass
