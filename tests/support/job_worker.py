"""`python -m tests.support.job_worker URL`: works through the jobs of a database until none is open, with a fake recipe.

An article with the word "killer" in it ends the process at once, as a bug in a native library would.
"""

import asyncio
import os
import sys

from sqlalchemy import Connection, func, select

from service import briefs
from service.app import create_app
from service.deps import Context
from service.jobs.events import Bell
from service.jobs.runner import Runner
from service.limits import TextLimits
from service.schemas.briefs import Article, Brief, BriefOptions
from service.schemas.jobs import ENDED
from service.settings import Settings
from service.store import tables
from service.store.database import Store
from tests.support.service_fakes import FakeRuntime, brief_of


async def _fake(runtime: object, article: Article, options: BriefOptions, *_: object, **__: object) -> Brief:
    await asyncio.sleep(0.02)
    if "killer" in (article.text or ""):
        os._exit(9)
    return brief_of(article, article.text or "", options)


def _open(connection: Connection) -> int:
    return connection.execute(select(func.count()).where(tables.jobs.c.state.not_in(ENDED))).scalar_one()


async def main(url: str) -> None:
    briefs.make_brief = _fake  # type: ignore[assignment]
    store = Store(url)
    store.open(serving=True)
    context: Context = create_app(Settings(database_url=url)).state.context
    runner = Runner(store, Bell(), 4, TextLimits(1000, 1000), context.metrics, patience=0.2)
    await runner.join()
    working = asyncio.create_task(runner.work(FakeRuntime))
    while await store.run(_open):
        await asyncio.sleep(0.05)
    await runner.finish(5)
    await working
    await runner.leave()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
