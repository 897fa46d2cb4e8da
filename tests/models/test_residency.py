"""Residence in memory: loaded once, least recently used out first, never one in use."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.residency import Residents

COSTS = {"a": 4, "b": 4, "c": 4, "giant": 100}


class Recorder:
    """A loader that notes what it loaded and what was unloaded."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.unloaded: list[str] = []

    def load(self, key: str) -> str:
        self.loaded.append(key)
        return key.upper()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def residents(recorder: Recorder, budget: int = 8) -> Residents[str, str]:
    return Residents(budget, recorder.load, COSTS.__getitem__, recorder.unloaded.append)


def touch(home: Residents[str, str], *keys: str) -> None:
    for key in keys:
        with home.use(key) as value:
            assert value == key.upper()


def test_a_value_is_loaded_when_first_asked_for_and_stays(recorder: Recorder) -> None:
    home = residents(recorder)
    assert home.loaded() == ()
    touch(home, "a", "a")
    assert recorder.loaded == ["a"]
    assert home.loaded() == ("a",)
    assert home.bytes() == 4


def test_what_is_in_memory_is_told_with_its_cost_and_how_often_it_was_loaded(recorder: Recorder) -> None:
    home = residents(recorder)
    touch(home, "a", "b", "a", "c", "b")
    assert home.costs() == {"c": 4, "b": 4}
    assert home.loads == len(recorder.loaded) == 4


def test_the_least_recently_used_goes_first(recorder: Recorder) -> None:
    home = residents(recorder)
    touch(home, "a", "b", "a", "c")
    assert recorder.unloaded == ["B"]
    assert home.loaded() == ("a", "c")


def test_a_value_in_use_is_never_unloaded(recorder: Recorder) -> None:
    home = residents(recorder)
    with home.use("a"):
        touch(home, "b", "c")
        assert recorder.unloaded == ["B"]
        with home.use("c"), home.use("b"):  # all in use: over the budget rather than stuck
            assert home.bytes() == 12
            assert "A" not in recorder.unloaded
    assert home.bytes() <= 8


def test_room_is_made_before_loading(recorder: Recorder) -> None:
    seen: list[int] = []

    def load(key: str) -> str:
        seen.append(home.bytes())
        return recorder.load(key)

    home = Residents(8, load, COSTS.__getitem__)
    touch(home, "a", "b", "c")
    assert seen == [4, 8, 8]


def test_a_value_larger_than_the_budget_is_loaded_alone_and_leaves_when_idle(recorder: Recorder) -> None:
    home = residents(recorder)
    touch(home, "a")
    with home.use("giant"):
        assert home.loaded() == ("giant",)
    assert home.loaded() == ()


def test_many_threads_load_a_value_once(recorder: Recorder) -> None:
    def slow(key: str) -> str:
        time.sleep(0.05)
        return recorder.load(key)

    home = Residents(8, slow, COSTS.__getitem__)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: touch(home, "a"), range(8)))
    assert recorder.loaded == ["a"]


def test_threads_that_want_another_value_do_not_wait(recorder: Recorder) -> None:
    go = threading.Event()

    def load(key: str) -> str:
        if key == "a":
            assert go.wait(10)
        return recorder.load(key)

    home = Residents(8, load, COSTS.__getitem__)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(touch, home, "a")
        touch(home, "b")
        go.set()
        first.result()
    assert recorder.loaded == ["b", "a"]


def test_a_failed_load_is_reported_and_tried_again(recorder: Recorder) -> None:
    attempts: list[str] = []

    def load(key: str) -> str:
        attempts.append(key)
        if len(attempts) == 1:
            raise OSError("no weights")
        return recorder.load(key)

    home = Residents(8, load, COSTS.__getitem__)
    with pytest.raises(OSError, match="no weights"):
        touch(home, "a")
    assert home.bytes() == 0
    touch(home, "a")


def test_under_any_schedule_users_hold_live_values_and_the_budget_returns() -> None:
    live: Counter[str] = Counter()
    guard = threading.Lock()

    def load(key: str) -> str:
        with guard:
            live[key] += 1
        return key

    def unload(value: str) -> None:
        with guard:
            live[value] -= 1

    home = Residents(8, load, COSTS.__getitem__, unload)

    def work(seed: int) -> None:
        draw = random.Random(seed)
        for _ in range(200):
            key = draw.choice("abc")
            with home.use(key) as value:
                assert value == key
                assert live[key] == 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert home.bytes() <= 8
    assert sorted(home.loaded()) == sorted(key for key, number in live.items() if number)
