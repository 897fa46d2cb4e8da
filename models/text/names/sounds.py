"""Names that sound alike in Arabic and Latin letters: the cheapest way to write one with the letters of the other.

A weighted edit distance whose edits are the renderings of `sounds.tsv`, after Freeman, Condon and Ackerman 2006 ("Cross
Linguistic Name Matching in English and Arabic", NAACL), who let classes of letters match for nothing. All Arabic words of a
text are compared at once: they share a trie, and a branch is left as soon as it costs too much.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

THRESHOLD = 0.75  # least score of two words taken for one name: chosen on the corpus' training and validation articles
FAINT = 0.6  # least score where only few words come into question
_VOWELS = "aeiou"
_SKIP = {"a": 0.05, "e": 0.05, "i": 0.1, "o": 0.1, "u": 0.1, "y": 0.3, "h": 0.35, "w": 0.6}
_SILENT = 0.45  # a consonant at the end, often mute in French names
_SECOND = 0.2  # more, for the second of two vowels: a long vowel is a letter in Arabic
_LEADING = 0.3  # more, for a vowel at the beginning, which Arabic writes with an alef
_LETTER = 1.0

_SPELLINGS = tuple(  # what transliterations of one name differ in, in the order in which it is levelled
    (re.compile(pattern), new)
    for pattern, new in (
        ("tch|tsch|sch|sh|ch", "s"),
        ("ph", "f"),
        ("kh|gh|q|ck|c", "k"),
        ("dj|dg", "j"),
        ("dh|th", "t"),
        ("(?<!^)[aeiouywh]|^[hw](?=[aeiou])", ""),
        ("z", "s"),
        ("g", "k"),
        ("d", "t"),
        ("^[aeiou]", "a"),
    )
)

Trie = dict[str, Any]  # letter -> Trie; "" -> the word that ends here


def trie(words: Iterable[str]) -> Trie:
    """A trie of folded Arabic words."""
    root: Trie = {}
    for word in words:
        node = root
        for letter in _positional(word):
            node = node.setdefault(letter, {})
        node[""] = word
    return root


def similar(root: Trie, latin: str, threshold: float = THRESHOLD) -> dict[str, float]:
    """The words in the trie that `latin` (plain letters) may be, with their scores between `threshold` and 1."""
    renderings, skips, size = _renderings(latin)
    limit = (1 - threshold) * size
    found: dict[str, float] = {}
    best: dict[tuple[int, int], float] = {}
    waiting: list[tuple[Trie, int, float]] = [(root, 0, 0.0)]
    while waiting:
        node, place, cost = waiting.pop()
        state = (id(node), place)
        if best.get(state, limit + 1e-9) <= cost:
            continue
        best[state] = cost
        if place == len(skips):
            if "" in node:
                word = node[""]
                found[word] = max(found.get(word, 0.0), 1 - cost / size)
        elif cost + skips[place] <= limit:
            waiting.append((node, place + 1, cost + skips[place]))
        for letters, length, price in renderings[place]:
            if cost + price <= limit:
                child = _descend(node, letters)
                if child is not None:
                    waiting.append((child, place + length, cost + price))
    return found


def _descend(node: Trie, letters: str) -> Trie | None:
    for letter in letters:
        if letter not in node:
            return None
        node = node[letter]
    return node


@lru_cache(maxsize=4096)
def _renderings(latin: str) -> tuple[list[list[tuple[str, int, float]]], list[float], int]:
    """For each place in the word what Arabic letters may stand there, the cost of skipping its letter, and the word's size."""
    word = re.sub(r"([^aeiou])\1+", r"\1", latin)
    table = _table()
    choices = [
        [
            (letters, length, price)
            for length in range(min(4, len(word) - place) + 1)
            for letters, price in table.get(word[place : place + length], ())
        ]
        for place in range(len(word) + 1)
    ]
    return choices, [_skip(word, place) for place in range(len(word))], max(2, sum(c not in _VOWELS for c in word))


def _skip(word: str, place: int) -> float:
    letter = word[place]
    if letter in _VOWELS:
        price = _SKIP[letter] + (_LEADING if place == 0 else 0.0)
        return price + (_SECOND if place and word[place - 1] in _VOWELS else 0.0)
    return _SILENT if place == len(word) - 1 and place > 2 and letter in "stdxe" else _SKIP.get(letter, _LETTER)


@cache
def _table() -> dict[str, list[tuple[str, float]]]:
    """Latin letters -> what they may render, with the cost; the empty string lists what may be left out."""
    table: dict[str, list[tuple[str, float]]] = {}
    text = files("models.text").joinpath("data", "names", "sounds.tsv").read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            letters, renderings = line.split("\t")
            for rendering in renderings.split():
                latin, _, price = rendering.partition(":")
                table.setdefault(latin.strip("-"), []).append((letters, float(price or 0)))
    return table


def _positional(word: str) -> str:
    """`word` with the letters that sound differently at its beginning or end told apart, as in `sounds.tsv`."""
    first = "أ" if word[:1] == "ا" else word[:1]
    last = {"ه": "ة", "ي": "ى"}.get(word[-1:], word[-1:]) if len(word) > 1 else ""
    return first + word[1:-1] + last


def skeleton(latin: str) -> str:
    """The consonants of a name in Latin letters such that most transliterations of one Arabic name have the same."""
    for pattern, new in _SPELLINGS:
        latin = pattern.sub(new, latin)
    return re.sub(r"(.)\1+", r"\1", latin)
