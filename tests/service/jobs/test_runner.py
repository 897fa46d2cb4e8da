"""A server whose database fails keeps what it has computed, says so, and stores it once when it can."""

import logging
from typing import Any

import httpx
import pytest

from service.errors import StoreUnavailable
from service.jobs import queue, runner
from tests.service.conftest import Serve
from tests.support.job_client import begun, ended, results, submitted
from tests.support.service_fakes import FakeBriefs
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


async def _unstored(client: httpx.AsyncClient) -> float:
    told = (await client.get("/metrics")).text
    return next(float(line.split()[1]) for line in told.splitlines() if line.startswith("mujaz_job_results_unstored "))


async def test_results_wait_for_a_database_that_fails_and_are_stored_once(
    serve: Serve, pipeline: FakeBriefs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    genuine, tries, down = queue.finish, 0, True

    def finish(*given: Any) -> bool:
        nonlocal tries
        tries += 1
        if down:
            raise StoreUnavailable("down")
        return genuine(*given)

    async def tried_again() -> bool:
        return tries > 6

    async def all_stored() -> bool:
        return await _unstored(client) == 0

    monkeypatch.setattr(runner, "_RETRY", 0.01)
    monkeypatch.setattr(queue, "finish", finish)
    async with serve() as client:
        job = await submitted(client, [{"text": "wait"}, {"text": "wait"}])
        await until(lambda: begun(pipeline, 2))
        pipeline.release.set()
        await until(tried_again)
        assert await _unstored(client) == 2
        assert await results(client, job) == []
        down = False
        assert (await ended(client, job))["articles"]["done"] == 2
        assert len(await results(client, job)) == 2
        await until(all_stored)
        assert (await _unstored(client), pipeline.begun) == (0, 2)
    said = [record for record in caplog.records if record.message == "results of jobs wait for the database"]
    assert [(record.levelno, record.__dict__["articles"]) for record in said] == [(logging.ERROR, 1)]
