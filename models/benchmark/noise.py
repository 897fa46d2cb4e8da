"""Keeps the progress bars and advice of transformers off standard error while a block runs."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers.utils import logging


@contextmanager
def quiet() -> Iterator[None]:
    hush: Any = logging  # its functions are not typed
    verbosity = hush.get_verbosity()
    hush.set_verbosity_error()
    hush.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        hush.set_verbosity(verbosity)
