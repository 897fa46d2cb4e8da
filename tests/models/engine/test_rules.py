"""The rules of decoding leave what transformers' own logits processors leave, for slots at positions of their own."""

from typing import Any

import pytest
import torch
from torch import Tensor
from transformers.generation import logits_process as theirs

from models.engine.protocol import Generation
from models.engine.rules import Rules
from models.engine.weights import Search

CPU = torch.device("cpu")
VOCABULARY, START, LENGTH, BEAMS = 30, 29, 24, 3
POSITIONS = [0, 1, 2, 5, 9, 20]
"""How many ids each slot has written."""

PLAIN = Search(start=START, pad=START, ends=(0,))
SYMBOLS = {
    "plain": PLAIN,
    "single bad words": Search(START, START, (0,), bad_words=((START,), (5,), (0,))),
    "longer bad words": Search(START, START, (0, 3), bad_words=((4, 5), (1, 2, 3), (6, 0), (START, 7), (2, 2), (1, 5))),
    "a forced end": Search(START, START, (0, 3), forced_end=3),
    "renormalized": Search(START, START, (0,), forced_end=0, bad_words=((5,), (4, 1)), renormalize=True),
}
SETTINGS = [
    Generation(BEAMS, max_tokens=40),
    Generation(BEAMS, max_tokens=40, min_tokens=2),
    Generation(BEAMS, max_tokens=40, min_tokens=6, no_repeat_ngram=1),
    Generation(BEAMS, max_tokens=40, no_repeat_ngram=2),
    Generation(BEAMS, max_tokens=40, min_tokens=30, no_repeat_ngram=3),
]


def written(seed: int) -> tuple[Tensor, Tensor]:
    """Logits (slots * beams, vocabulary), and ids (slots, beams, length) with the start symbol first."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, 8, (len(POSITIONS), BEAMS, LENGTH), generator=generator)  # few, so that they repeat
    ids[:, :, 0] = START
    return torch.randn(len(POSITIONS) * BEAMS, VOCABULARY, generator=generator) * 3, ids


def processed(scores: Tensor, ids: Tensor, symbols: Search, settings: Generation) -> Tensor:
    """What transformers makes of the scores (rows, vocabulary) that follow ids (rows, written and start)."""
    ends, made = list(symbols.ends), list[Any]()
    if settings.no_repeat_ngram:
        made.append(theirs.NoRepeatNGramLogitsProcessor(settings.no_repeat_ngram))
    if symbols.bad_words:
        made.append(theirs.NoBadWordsLogitsProcessor([list(word) for word in symbols.bad_words], ends))
    if settings.min_tokens:
        made.append(theirs.MinNewTokensLengthLogitsProcessor(1, settings.min_tokens, ends))
    if symbols.forced_end is not None:
        made.append(theirs.ForcedEOSTokenLogitsProcessor(settings.max_tokens + 1, symbols.forced_end))
    if symbols.renormalize:
        made.append(theirs.LogitNormalization())
    result: Tensor = theirs.LogitsProcessorList(made)(ids, scores)
    return result


@pytest.mark.parametrize("settings", SETTINGS, ids=repr)
@pytest.mark.parametrize("name", SYMBOLS)
def test_the_rules_are_those_of_transformers(name: str, settings: Generation) -> None:
    symbols = SYMBOLS[name]
    rules = Rules(symbols, VOCABULARY, None, CPU)
    for seed in range(5):
        logits, ids = written(seed)
        ours = logits.clone()
        base = rules.apply(ours, ids, [settings] * len(POSITIONS), POSITIONS)
        result = (ours - base[:, None]).view(len(POSITIONS), BEAMS, VOCABULARY)
        for slot, at in enumerate(POSITIONS):
            mine = logits[slot * BEAMS : (slot + 1) * BEAMS].log_softmax(1)
            expected = processed(mine, ids[slot, :, : at + 1], symbols, settings)
            torch.testing.assert_close(result[slot], expected)


def test_each_slot_has_settings_of_its_own() -> None:
    symbols = SYMBOLS["a forced end"]
    logits, ids = written(0)
    settings = [*SETTINGS, Generation(BEAMS, max_tokens=POSITIONS[-1] + 1)]
    ours = logits.clone()
    base = Rules(symbols, VOCABULARY, None, CPU).apply(ours, ids, settings, POSITIONS)
    result = (ours - base[:, None]).view(len(POSITIONS), BEAMS, VOCABULARY)
    for slot, at in enumerate(POSITIONS):
        mine = logits[slot * BEAMS : (slot + 1) * BEAMS].log_softmax(1)
        torch.testing.assert_close(result[slot], processed(mine, ids[slot, :, : at + 1], symbols, settings[slot]))


def test_greedy_search_keeps_logits_but_for_what_is_taken_out() -> None:
    symbols, settings = SYMBOLS["longer bad words"], SETTINGS[2]
    logits, ids = written(1)
    ours = logits[: len(POSITIONS)].clone()
    base = Rules(symbols, VOCABULARY, None, CPU).apply(ours, ids[:, :1], [settings] * len(POSITIONS), POSITIONS)
    assert base.tolist() == [0.0] * len(POSITIONS)
    for slot, at in enumerate(POSITIONS):
        expected = processed(logits[slot : slot + 1], ids[slot, :1, : at + 1], symbols, settings)
        torch.testing.assert_close(ours[slot : slot + 1], expected)


@pytest.mark.parametrize("name", SYMBOLS)
def test_a_restricted_output_has_the_same_rules(name: str) -> None:
    """As if the ids that are left out could not be written; bad words that need them never occur."""
    kept = torch.tensor([0, 1, 2, 3, 5, 7, 20, 21, 29])
    settings = Generation(BEAMS, max_tokens=40, min_tokens=3, no_repeat_ngram=2)
    logits, ids = written(2)
    whole = torch.full_like(logits, -torch.inf)
    whole[:, kept] = logits[:, kept]
    ours = logits[:, kept].clone()
    rules = Rules(SYMBOLS[name], VOCABULARY, kept, CPU)
    base = rules.apply(ours, ids, [settings] * len(POSITIONS), POSITIONS)
    for slot, at in enumerate(POSITIONS):
        rows = slice(slot * BEAMS, (slot + 1) * BEAMS)
        expected = processed(whole[rows].log_softmax(1), ids[slot, :, : at + 1], SYMBOLS[name], settings)
        torch.testing.assert_close(ours[rows] - base[rows, None], expected[:, kept])
    outputs = torch.tensor([0, 4, 8])
    assert rules.real(outputs).tolist() == [0, 5, 29]
    assert rules.ends(rules.real(outputs)).tolist() == [True, False, False]
