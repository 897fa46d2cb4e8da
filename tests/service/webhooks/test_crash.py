"""A server that is killed while it delivers: another delivers the same event."""

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from service.store.database import Store
from tests.service.webhooks.test_deliver import QUICK, delivered, ended, sending
from tests.support.receiver import Receiver

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

ROOT = Path(__file__).parents[3]
DYING = """
import asyncio, sys
from service.store.database import Store
from tests.service.webhooks.test_deliver import Pace, sending

async def main(url, host):
    store = Store(url)
    store.open(serving=True)
    async with sending(store, host, pace=Pace(lease=2.0, poll=0.05)):
        await asyncio.sleep(600)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_killed_server_has_lost_nothing(database_url: str, receiver: Receiver) -> None:
    receiver.answers += [receiver.hang]
    store = Store(database_url)
    store.open()
    ended(store, f"http://{receiver.host}/")
    store.close()
    command = [sys.executable, "-c", DYING, database_url, receiver.host]
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        async with asyncio.timeout(60):
            while not receiver.received:
                assert process.poll() is None
                await asyncio.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    store = Store(database_url)
    store.open(serving=True)
    async with sending(store, receiver.host, pace=replace(QUICK, poll=0.05)) as sender:
        await delivered(sender)
    store.close()
    first, second = receiver.received
    assert first[1]["webhook-id"] == second[1]["webhook-id"] and first[2] == second[2]
