"""Which language a text is in: its script narrows the choice, py3langid decides within it.

py3langid is offline, deterministic and thread-safe; its model loads in 0.6 s, a sentence takes 0.2 ms, and it knows
Kurdish, Pashto, Uyghur and Amharic. lingua 2.1.1, tried beside it, does not, and needed 7 s and 1.2 GB at its first
Latin text (one core of the development machine, `time.time()` and `ru_maxrss`).
Taking the script first rules out the absurd mistakes of statistics alone, such as English told as Bengali.
"""

import re
import tomllib
from collections import Counter
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from models.errors import LanguageUnknown
from models.text import scripts
from models.types import Detection

# Characters looked at: three stretches of the text, so that an English caption on top does not speak for it.
_STRETCH = 2_000
_FEWEST_LETTERS = 2
_LEAST = 0.1  # the confidence of a guess among some sixty languages that is not worth giving
_NO_LANGUAGE = "zxx"  # py3langid's class for code, lists of names and the like
_NOISE = re.compile(r"[#@]\w+|[\d_]+")
_lock = Lock()


def detect(text: str) -> Detection:
    """The language of `text` by its code (ISO 639-1; "ckb" for Sorani Kurdish), with a confidence up to 1.

    Links, addresses, tags and digits say nothing about a language. Raises LanguageUnknown if no letters are left or
    they form no language. Only a bounded sample of a long text is read; the same text always gets the same answer.
    """
    words = (word for word in _sample(text).split() if "://" not in word and "@" not in word[1:])
    sample = _NOISE.sub(" ", " ".join(words))
    letters = scripts.counts(sample)
    if letters.total() < _FEWEST_LETTERS:
        raise LanguageUnknown("the text has no letters to tell its language by; name the source language")
    script = _dominant(letters)
    share = (letters[script] + (letters["Han"] if script == "Kana" else 0)) / letters.total()
    candidates = _candidates()[script]
    if len(candidates) == 1:
        return Detection(next(iter(candidates)), round(share, 3))
    scores = _scores(scripts.only(sample, script), candidates)
    code = max(scores, key=scores.__getitem__)
    if code == _NO_LANGUAGE or scores[code] < _LEAST:
        raise LanguageUnknown("the text is in no language we can tell; name the source language")
    return Detection(code, round(scores[code] * share, 3))


@cache
def languages() -> frozenset[str]:
    """Every code that `detect` can answer with."""
    return frozenset(code for codes in _candidates().values() for code in codes) - {_NO_LANGUAGE}


@cache
def written_in(language: str) -> frozenset[str]:
    """The scripts of a language, as `models.text.scripts` names them; empty for one that is not known here."""
    scripts = {script for script, codes in _candidates().items() if language in codes}
    return frozenset(scripts | {"Han"} if "Kana" in scripts else scripts)


def _sample(text: str) -> str:
    if len(text) <= 3 * _STRETCH:
        return text
    middle = len(text) // 2
    return "\n".join((text[:_STRETCH], text[middle : middle + _STRETCH], text[-_STRETCH:]))


def _dominant(letters: Counter[str]) -> str:
    """The script with most letters; kana among Han means Japanese."""
    if letters["Kana"] * 10 > letters["Han"] > 0 and letters["Kana"] + letters["Han"] > letters.total() / 2:
        return "Kana"
    return letters.most_common(1)[0][0]


def _scores(text: str, candidates: dict[str, tuple[str, ...]]) -> dict[str, float]:
    """Probabilities of the candidates, which sum to 1."""
    ranked = dict(_identifier().rank(text))
    prior = _tables()["prior"]
    raw = {code: sum(ranked.get(n, 0.0) for n in names) * prior.get(code, 1) for code, names in candidates.items()}
    total = sum(raw.values()) or 1.0
    return {code: value / total for code, value in raw.items()}


@cache
def _candidates() -> dict[str, dict[str, tuple[str, ...]]]:
    """Script -> code -> the classes of py3langid it stands for."""
    return {
        script: {entry.split("+")[0]: tuple(entry.split("+")) for entry in listed}
        for script, listed in _tables()["script"].items()
    }


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("models.text").joinpath("detect.toml").read_text("utf-8"))


def _identifier() -> LanguageIdentifier:
    with _lock:
        return _load()


@cache
def _load() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
