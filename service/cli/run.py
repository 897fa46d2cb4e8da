"""Articles through the models of this process: answers in order as they come, a progress bar beside them."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from models.runtime import Runtime
from service import logs
from service.batch import in_order, settle
from service.cli.common import beside, progress_bar
from service.cli.render import WIDTH, Answer, failure, markdown, text
from service.errors import Exit
from service.runtime import opened
from service.schemas.briefs import Article, FailedItem
from service.settings import Settings

WINDOW = 16
"""Articles in work at one time: enough to fill the models' batches."""

_SUFFIX = {"text": ".txt", "markdown": ".md", "json": ".json"}

Make = Callable[[Runtime, Article], Awaitable[Answer]]


def process(
    settings: Settings, articles: Iterable[Article | FailedItem], count: int | None, make: Make, writer: "Writer"
) -> Exit:
    """Make an answer of each article and hand it to `writer`; `count` is how many they are, if that is known.

    Raises `WeightsMissing` or `WeightsCorrupt` when the models cannot start, `SettingsError` when there are none such.
    """
    logs.configure("warning", settings.log_format)
    return asyncio.run(_process(settings, articles, count, make, writer))


async def _process(
    settings: Settings, articles: Iterable[Article | FailedItem], count: int | None, make: Make, writer: "Writer"
) -> Exit:
    failures: list[FailedItem] = []
    done = 0
    with progress_bar(count, "article", "loading models") as bar, opened(settings) as runtime:
        bar.set_description("", refresh=False)

        async def passed(item: FailedItem) -> FailedItem:
            return item

        def work(item: Article | FailedItem) -> Awaitable[Answer | FailedItem]:
            return passed(item) if isinstance(item, FailedItem) else settle(item.id, make(runtime, item))

        async for answer in in_order(map(work, articles), WINDOW):
            done += 1
            if isinstance(answer, FailedItem):
                failures.append(answer)
            with beside(bar):
                writer.write(answer)
            bar.update()
    return _verdict(done, failures)


def _verdict(done: int, failures: list[FailedItem]) -> Exit:
    if not failures:
        return Exit.OK
    print(f"{len(failures)} of {done} failed.", file=sys.stderr)
    missing = all(item.error.code == "weights_missing" for item in failures)
    return Exit.WEIGHTS_MISSING if missing and len(failures) == done else Exit.SOME_FAILED


class Writer:
    """Puts answers where they belong, in one of the forms `text`, `markdown` and `json` (one object a line)."""

    def __init__(self, form: str, folder: Path | None) -> None:
        self._form = form
        self._folder = folder
        self._taken: set[str] = set()
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def write(self, answer: Answer | FailedItem) -> None:
        """Write one answer. Errors go to standard error, in the form `json` also to where answers go."""
        if self._form == "json":
            content = f"{answer.model_dump_json()}\n"
        elif isinstance(answer, FailedItem):
            print(failure(answer), file=sys.stderr, flush=True)
            return
        else:
            content = self._rendered(answer) + "\n"
        if self._folder:
            (self._folder / self._name(answer.id)).write_text(content, encoding="utf-8")
        else:
            sys.stdout.write(content)
            sys.stdout.flush()

    def _rendered(self, answer: Answer) -> str:
        if self._form == "markdown":
            return markdown(answer)
        watched = self._folder is None and sys.stdout.isatty()
        return text(answer, os.get_terminal_size(sys.stdout.fileno()).columns if watched else WIDTH)

    def _name(self, item_id: str | None) -> str:
        """A file name of the article's own, and safe whatever the id."""
        letters = Path(item_id or "").name
        stem = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in letters).strip(".")
        stem = stem or "article"
        name, number = f"{stem}{_SUFFIX[self._form]}", 1
        while name in self._taken:
            number += 1
            name = f"{stem}-{number}{_SUFFIX[self._form]}"
        self._taken.add(name)
        return name
