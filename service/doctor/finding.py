"""What a check of the doctor says."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "fails"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not well. `fails`: serving would fail, or be wrong."""

    check: str
    state: State
    told: str
    todo: str = ""


def ok(check: str, told: str) -> Finding:
    return Finding(check, "ok", told)


def warning(check: str, told: str, todo: str) -> Finding:
    return Finding(check, "warning", told, todo)


def fails(check: str, told: str, todo: str) -> Finding:
    return Finding(check, "fails", told, todo)


def gigabytes(count: float) -> str:
    """Bytes as they are told: 1.5 GB is 1.5 times 2**30."""
    return f"{count / 2**30:.1f} GB"
