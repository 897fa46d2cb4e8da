"""Second attempts: only for what has a fault, only once, and only for the better."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from models.engine.protocol import Generation, Item
from models.guard import Fault
from models.repair import Output, Task, decode, safer

pytestmark = pytest.mark.anyio

LOOP, SHORT, EMPTY = Fault("repetition", "loop", 0.5), Fault("length", "short", -1.0), Fault("empty", "nothing")
FAULTS = {"loop": LOOP, "smaller loop": Fault("repetition", "loop", 0.1), "": EMPTY}


class Scripted:
    """Work whose model writes, for the source n, the n-th answer of each attempt."""

    def __init__(self, *attempts: Sequence[str]) -> None:
        self.attempts = list(attempts)
        self.items: list[Sequence[Item]] = []

    async def decode(self, model: Any, items: Sequence[Item]) -> list[str]:
        answers = self.attempts[len(self.items)]
        self.items.append(items)
        return [answers[item.ids[0]] for item in items]

    async def text(self, function: Any) -> Any:
        return function()


async def attempted(work: Scripted) -> list[Output]:
    tasks = [Task(str(number), Item((number,), Generation())) for number in range(len(work.attempts[0]))]
    return await decode(SimpleNamespace(), tasks, lambda source, output: FAULTS.get(output), work)  # type: ignore[arg-type]


async def test_what_is_sound_is_decoded_once() -> None:
    work = Scripted(["one", "two"])
    assert await attempted(work) == [Output("one"), Output("two")]
    assert len(work.items) == 1


async def test_only_what_has_a_fault_is_decoded_again_and_with_other_settings() -> None:
    work = Scripted(["one", "loop", "three"], ["", "two", ""])
    assert await attempted(work) == [Output("one"), Output("two", None, repaired=True), Output("three")]
    assert [item.ids for item in work.items[1]] == [(1,)]
    assert work.items[1][0].settings == safer(Generation(), LOOP, 1)


async def test_of_two_faulty_attempts_the_better_is_kept_with_its_fault() -> None:
    work = Scripted(["loop", "loop", "loop"], ["smaller loop", "", "loop"])
    assert await attempted(work) == [
        Output("smaller loop", FAULTS["smaller loop"], repaired=True),
        Output("loop", LOOP),
        Output("loop", LOOP),
    ]


async def test_nothing_is_nothing() -> None:
    assert await attempted(Scripted([])) == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (LOOP, {"no_repeat_ngram": 2, "beams": 6}),
        (SHORT, {"no_repeat_ngram": 2, "min_tokens": 30}),
        (Fault("length", "long", 1.0), {"no_repeat_ngram": 2, "beams": 6, "max_tokens": 96}),
        (EMPTY, {"no_repeat_ngram": 2, "min_tokens": 30, "beams": 1}),
        (Fault("untranslated", "left"), {"beams": 1}),
    ],
)
def test_the_settings_fit_the_fault(fault: Fault, expected: dict[str, int]) -> None:
    assert safer(Generation(), fault, 40) == Generation(**expected)  # type: ignore[arg-type]


def test_settings_stay_within_the_models_own() -> None:
    own = Generation(beams=8, max_tokens=20, no_repeat_ngram=2)
    assert safer(own, LOOP, 40) == own
    assert safer(own, SHORT, 40).min_tokens == 19
    assert safer(Generation(beams=1), EMPTY, 40).beams == 4
