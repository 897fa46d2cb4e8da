"""What several commands need: a progress bar, and the models of this process."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

if TYPE_CHECKING:
    from models.runtime import Runtime

_PATIENCE = 2.0  # seconds of silence before a bar appears where nobody may be watching


def progress_bar(total: int | None, unit: str, title: str = "") -> "tqdm[Any]":
    """A bar on standard error: at once on a terminal, elsewhere only if it takes long, and then redrawn seldom."""
    watched = sys.stderr.isatty()
    return tqdm(
        total=total,
        desc=title or None,
        unit=unit,
        unit_scale=unit == "B",
        unit_divisor=1024,
        file=sys.stderr,
        delay=0.0 if watched else _PATIENCE,
        mininterval=0.1 if watched else 10.0,
        leave=False,
        dynamic_ncols=True,
    )


@contextmanager
def beside(bar: "tqdm[Any]") -> Iterator[None]:
    """A block that writes whole lines: the bar, if it is shown already, makes room for them."""
    shown = time.time() >= bar.start_t + (bar.delay or 0.0)
    if shown:
        bar.clear()
    yield
    if shown and sys.stderr.isatty():  # elsewhere it comes back in its own time
        bar.refresh()


@contextmanager
def open_runtime(models: str | None) -> "Iterator[Runtime]":
    """The models that the settings name (`models` wins), started, and stopped at the end.

    Raises `SettingsError`, `WeightsMissing` and `WeightsCorrupt`.
    """
    from service import settings
    from service.runtime import opened

    with opened(settings.read(models=models)) as runtime:
        yield runtime
