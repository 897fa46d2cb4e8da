"""Python and the packages that decide what Mujaz answers, held against the versions that its tests ran with."""

import platform
import re
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata

from service.doctor.finding import Finding, fails, ok, warning

OLDEST_PYTHON = (3, 11)
TESTED: Mapping[str, tuple[str, str]] = {
    "alembic": ("1.18", "1.20.1"),
    "fastapi": ("0.139", "0.165.0"),
    "lxml": ("6", "6.1.3"),
    "numpy": ("2", "2.4.6"),
    "prometheus-client": ("0.25", "0.26.0"),
    "pydantic": ("2.12", "2.14.3"),
    "safetensors": ("0.7", "0.8.0"),
    "sentencepiece": ("0.2.1", "0.2.3"),
    "sentencex": ("1.0.32", "1.0.32"),
    "sqlalchemy": ("2.1", "2.1.9"),
    "starlette": ("1", "1.10.0"),
    "torch": ("2.11", "2.13.0"),
    "trafilatura": ("2", "2.3.1"),
    "transformers": ("5.17", "5.23.0"),
    "uvicorn": ("0.40", "0.54.0"),
}
"""The oldest version that will do, and the tested one: as in `pyproject.toml` and `constraints.txt`, which no wheel has."""

_AGAIN = "install Mujaz again in an environment of its own, with constraints.txt (`make install`)"


def python() -> Iterator[Finding]:
    """The interpreter."""
    version = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        yield fails("python", f"Python {version} is too old", "use Python 3.11 or later")
    else:
        yield ok("python", f"Python {version} on {platform.system()} {platform.machine()}")


def packages() -> Iterator[Finding]:
    """One finding for all that are as tested, and one for each that is not."""
    other = [finding for name in TESTED if (finding := _package(name))]
    yield from other
    if same := len(TESTED) - len(other):
        yield ok("packages", f"{same} of {len(TESTED)} packages are in the versions that were tested")


def _package(name: str) -> Finding | None:
    oldest, tested = TESTED[name]
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return fails("packages", f"{name} is not installed", _AGAIN)
    if _numbers(found) == _numbers(tested):
        return None
    if _numbers(found) < _numbers(oldest):
        return fails("packages", f"{name} {found} is too old; {oldest} is the oldest that will do", _AGAIN)
    return warning("packages", f"{name} is {found}; the tests ran with {tested}", f"if answers look wrong, {_AGAIN}")


def _numbers(version: str) -> tuple[int, ...]:
    """The release as numbers, without what names a build: 2.13.0+cpu is (2, 13), as are 2.13 and 2.13.0."""
    numbers = [int(part) for part in re.findall(r"\d+", version.partition("+")[0])]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
