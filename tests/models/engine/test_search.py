"""The search over slots at positions of their own, on a language of four words written by hand."""

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from models.engine.protocol import Generation
from models.engine.rules import Rules
from models.engine.search import Search
from models.engine.weights import Search as Symbols

END, A, B, C, START = range(5)
RULES = Rules(Symbols(start=START, pad=START, ends=(END,), bad_words=((START,),)), 5, None, torch.device("cpu"))

Language = Callable[[Sequence[int]], Sequence[float]]
"""Probabilities of the end, A, B and C after some words."""


def short(words: Sequence[int]) -> Sequence[float]:
    """The likeliest first word is A, but the likeliest sentence is "B B" (0.36)."""
    if not words:
        return [0.0, 0.6, 0.4, 0.0]
    if words[0] == A:
        return [0.4, 0.2, 0.2, 0.2]
    return [0.05, 0.025, 0.9, 0.025] if len(words) == 1 else [1.0, 0.0, 0.0, 0.0]


def long(words: Sequence[int]) -> Sequence[float]:
    """Each word goes on with 0.6; the first may also be C, after which all is over."""
    if not words:
        return [0.0, 0.5, 0.0, 0.5]
    if words[0] == C or len(words) == 3:
        return [1.0, 0.0, 0.0, 0.0]
    return [0.25, 0.6, 0.15, 0.0]


def run(search: Search, slots: int, language: Language) -> dict[int, list[int]]:
    """The answers of the first `slots` slots, each as it stood when the slot was over."""
    answers: dict[int, list[int]] = {}
    for _ in range(20):
        step = search.advance(logits(search, slots, language))
        for slot in range(slots):
            if step.over[slot] and slot not in answers:
                answers[slot] = search.result(slot)
        if len(answers) == slots:
            return answers
    raise AssertionError("the search does not come to an end")


def logits(search: Search, slots: int, language: Language) -> Tensor:
    """What the language says after each row's words."""
    rows = []
    for slot in range(slots):
        for beam in range(search.beams):
            words = search.ids[slot, beam, 1 : search.positions[slot] + 1].tolist()
            rows.append([*language(words), 1e-30])
    return torch.tensor(rows).clamp(min=1e-9).log()


def begun(*settings: Generation, slots: int = 4, length: int = 12) -> Search:
    search = Search(slots, settings[0].beams, length, RULES)
    search.begin(range(len(settings)), settings)
    return search


def test_greedy_search_takes_the_likeliest_word_each_time() -> None:
    assert run(begun(Generation(beams=1, max_tokens=8)), 1, short) == {0: [A]}


def test_beam_search_finds_the_likeliest_sentence() -> None:
    assert run(begun(Generation(beams=2, max_tokens=8, length_penalty=0.0)), 1, short) == {0: [B, B]}


@pytest.mark.parametrize(("penalty", "answer"), [(0.0, [C]), (2.0, [A, A, A])])
def test_a_length_penalty_favours_length(penalty: float, answer: list[int]) -> None:
    settings = Generation(beams=3, max_tokens=8, length_penalty=penalty, early_stopping=False)
    assert run(begun(settings), 1, long) == {0: answer}


def test_early_stopping_is_over_once_enough_sentences_are_finished() -> None:
    steps = {}
    for early in (True, False):
        search = begun(Generation(beams=2, max_tokens=8, length_penalty=2.0, early_stopping=early))
        run(search, 1, long)
        steps[early] = search.positions[0]
    assert steps[True] < steps[False]


@pytest.mark.parametrize("beams", [1, 3])
def test_nothing_is_longer_than_its_own_limit(beams: int) -> None:
    settings = [Generation(beams, most, min_tokens=most) for most in (1, 2, 5)]
    answers = run(begun(*settings), 3, long)
    assert [len(answers[slot]) for slot in range(3)] == [1, 2, 5]


def test_slots_begin_and_end_on_their_own() -> None:
    first, second = (
        Generation(beams=2, max_tokens=8, length_penalty=0.0),
        Generation(beams=2, max_tokens=3, min_tokens=3),
    )
    search = begun(first)
    search.advance(logits(search, 1, short))
    search.begin([1], [second])
    assert search.positions[:2] == [1, 0]
    ids, positions = search.last(2)
    assert (ids[2:].tolist(), positions.tolist()) == ([START, START], [1, 1, 0, 0])
    answers = run(search, 2, short)
    assert answers[0] == [B, B]
    assert len(answers[1]) == 3


def test_a_slot_that_moves_or_grows_goes_on_as_before() -> None:
    settings = Generation(beams=2, max_tokens=8, length_penalty=0.0)
    search = begun(*[Generation(beams=2, max_tokens=2)] * 2, settings, length=4)
    search.advance(logits(search, 3, short))
    search.move(2, 0)
    search.reserve(9, 12)
    assert run(search, 1, short) == {0: [B, B]}


def test_a_slot_keeps_nothing_of_its_former_sequence() -> None:
    settings = Generation(beams=3, max_tokens=8, length_penalty=2.0, early_stopping=False)
    search = begun(settings)
    run(search, 1, long)
    search.begin([0], [Generation(beams=3, max_tokens=8, length_penalty=0.0, early_stopping=False)])
    assert run(search, 1, long) == {0: [C]}


def test_with_several_ends_enough_candidates_go_on() -> None:
    """Although three of the likeliest four words are ends: the answer begins with the fifth."""
    ends, often, rare, start = (0, 1, 2), 3, 4, 5

    def language(words: Sequence[int]) -> Sequence[float]:
        if not words:
            return [0.2, 0.16, 0.14, 0.4, 0.1]
        return [1.0, 0.0, 0.0, 0.0, 0.0] if list(words) == [rare] else [0.21, 0.2, 0.2, 0.2, 0.19]

    search = Search(1, 2, 8, Rules(Symbols(start=start, pad=start, ends=ends), 6, None, torch.device("cpu")))
    search.begin([0], [Generation(beams=2, max_tokens=4, early_stopping=False)])
    search.advance(logits(search, 1, language))
    assert search.ids[0, :, 1].tolist() == [often, rare]
    assert run(search, 1, language) == {0: [rare]}


@pytest.mark.parametrize("beams", [2, 3])
def test_parents_are_the_rows_that_go_on(beams: int) -> None:
    """Beam indirection rests on them: each row is its parent and one word more."""
    search = begun(Generation(beams=beams, max_tokens=8))
    for _ in range(3):
        before = search.ids[0].clone()
        step = search.advance(logits(search, 1, long))
        written = search.positions[0]
        assert torch.equal(search.ids[0, :, :written], before[step.parents[0], :written])


@pytest.mark.parametrize("language", [short, long])
@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("beams", [1, 2, 3])
def test_an_answer_may_be_read_later(language: Language, early: bool, beams: int) -> None:
    """Whatever the search goes on to do until the slot's limit."""
    settings = [Generation(beams, max_tokens=9, length_penalty=penalty, early_stopping=early) for penalty in (0.0, 2.0)]
    search = begun(*settings)
    answers: dict[int, list[int]] = {}
    while not search.limited(2):
        step = search.advance(logits(search, 2, language))
        assert all(step.over[slot] for slot in answers)
        answers |= {slot: search.result(slot) for slot in range(2) if step.over[slot] and slot not in answers}
        assert all(search.result(slot) == answer for slot, answer in answers.items())
    assert answers == run(begun(*settings), 2, language)
