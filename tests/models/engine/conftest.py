"""Checkpoints that the engines' tests share."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.support import engines


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of the network with that name in `engines.NETWORKS`; to be read only."""

    @cache
    def written(name: str) -> Path:
        return engines.write(tmp_path_factory.mktemp("checkpoints") / name, engines.NETWORKS[name])

    return written
