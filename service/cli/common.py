"""What several commands need: a progress bar, and how to write beside it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

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
