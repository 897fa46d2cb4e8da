"""The guard against degenerate output: what a translation or a summary must never look like, whatever it says.

Neural decoders fail in few ways: they loop (Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration"), stop at once
or too early (Stahlberg and Byrne 2019, "On NMT Search Errors and Model Errors"), or copy their source (Ott et al. 2018,
"Analyzing Uncertainty in Neural Machine Translation"). Each shows without a model. The bounds were set so that sound pairs pass:
none of the 22,010 training and validation pairs of the corpus has a fault in either direction; a test holds a sample to it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Literal

from models.text import scripts
from models.text.detect import written_in
from models.text.normalise import fold

Kind = Literal["empty", "untranslated", "repetition", "length"]
_WORST_FIRST: tuple[Kind, ...] = ("empty", "untranslated", "repetition", "length")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an output, in a word and in a few.

    `extent` tells two faults of a kind apart: the share of the words that only repeat, or that are left in the source's language;
    by what factor (its natural logarithm) a bound of the length is missed, negative where the output is too short.
    """

    kind: Kind
    detail: str
    extent: float = 1.0

    def outweighs(self, other: "Fault") -> bool:
        """Whether this fault is the worse one."""
        if self.kind != other.kind:
            return _WORST_FIRST.index(self.kind) < _WORST_FIRST.index(other.kind)
        return abs(self.extent) > abs(other.extent)


def fault(source: str, output: str, source_language: str, target_language: str) -> Fault | None:
    """What is wrong with `output`, a translation of `source`; with one language on both sides, a summary of it.

    A translation is held against one sentence or a few, a summary against its article.
    """
    if not any(map(str.isalnum, output)):
        return Fault("empty", "no word") if any(map(str.isalnum, source)) else None
    if source_language == target_language:
        return _loop(source, output, target_language) or _restated("", output) or _summary_length(source, output)
    return (
        _untranslated(source, output, source_language, target_language)
        or _loop(source, output, target_language)
        or _restated(source, output)
        or _length(source, output, source_language, target_language)
    )


# ---------------------------------------------------------------- repetition

_LONGEST_LOOP = 24  # words; a longer clause said twice is found by `_restated`
_RESTATED, _RESTATED_SOURCE = (
    6,
    3,
)  # words; no pair of the corpus repeats six words in English, and Arabic needs fewer for the same
# Within a word: one letter five times in a row, or two to eight characters four times. Digits may: "1000000".
_STUTTER = re.compile(r"([^\W\d_])\1{4,}|(?=\S{0,64}?[^\W\d_])(\S{2,8}?)\2{3,}")
# "Had had" and "in in" are English, longer words said twice are not; other languages say "one by one" so.
_GLOSS = re.compile(r"(\b[^()]{2,80}) \(\1\)")  # an acronym that was translated is said twice: "the UN (the UN)"
_DOUBLED = re.compile(r"(?<![\w'’-])([^\W\d_]{4,}) \1(?![\w'’-])")


def _loop(source: str, output: str, language: str) -> Fault | None:
    """The same words, or letters, again and again in a row, more often than the source has anything in a row."""
    written = _GLOSS.sub(r"\1", fold(output))
    words = _words(written)
    loops = {size: times for size, times in _loops(words).items() if size > 1 or times > 2}
    doubled = _DOUBLED.search(written) if language == "en" else None
    if loops or doubled:
        allowed = max(_loops(_words(fold(source))).values(), default=1)
        for size, times in sorted(loops.items()):
            if times > allowed:
                extent = size * (times - 1) / len(words)
                return Fault("repetition", f"{_counted(size, 'word')} {times} times in a row", extent)
        if doubled and allowed == 1:
            return Fault("repetition", "1 word 2 times in a row", 1 / len(words))
    stutter = _STUTTER.search(written)
    if stutter and stutter.group() not in fold(source):
        return Fault("repetition", f"letters in a row: {stutter.group()[:20]}", 1 / len(words))
    return None


def _restated(source: str, output: str) -> Fault | None:
    """Six words in a row said again later, though the source says nothing again."""
    words = _words(fold(output))
    again = _again(words, _RESTATED)
    if not again or _again(_words(fold(source)), _RESTATED_SOURCE):
        return None
    return Fault("repetition", f"{_RESTATED} words or more said again", again / len(words))


def _words(folded: str) -> list[str]:
    """Words without the punctuation around them; the Arabic "and" that is written with a word is no part of it."""
    words = (word.strip("\"'«»“”‘’()[]…،؛؟.,;:!?-–—") or word for word in folded.split())
    return [word[1:] if len(word) > 3 and word[0] == "و" else word for word in words]


def _loops(words: Sequence[str]) -> dict[int, int]:
    """How often in a row one to `_LONGEST_LOOP` words stand, for each number of words that stands more than once."""
    places: dict[str, list[int]] = {}
    runs: dict[
        int, tuple[int, int]
    ] = {}  # by distance: where the last of equal words that follow each other is; how many they are
    most: dict[int, int] = {}
    for place, word in enumerate(words):
        known = places.setdefault(word, [])
        for before in known[-_LONGEST_LOOP:]:
            size = place - before
            last, count = runs.get(size, (-1, 0))
            runs[size] = (place, count + 1 if last == place - 1 else 1)
            if runs[size][1] % size == 0 and size <= _LONGEST_LOOP:
                most[size] = max(most.get(size, 1), runs[size][1] // size + 1)
        known.append(place)
    return most


def _again(words: Sequence[str], size: int) -> int:
    """How many runs of `size` words had stood there before."""
    runs = list(zip(*(words[start:] for start in range(size)), strict=False))
    return len(runs) - len(set(runs))


# ---------------------------------------------------------------- length

# The least and the most characters of a translation for one of its source, over the training pairs of the corpus whose source has
# at least 32 characters. A bound lies half as far again beyond them.
_EXTREMES = {("ar", "en"): (0.61, 2.12), ("en", "ar"): (0.47, 1.63)}
_MARGIN = 1.5
_OTHERS, _OTHERS_MARGIN = (0.47, 2.12), 3.0  # a pair that was not measured: both together, twice as generous
_FEW, _MANY = 8, 24  # characters by which a short text may miss its share: "FBI" is 24 characters in Arabic
_FULL = 1.36  # the median of ("ar", "en"); a sentence that breaks off and has less is cut
_UNSPACED = 2  # a character of Chinese, Japanese or Thai counts for two more: it says what a syllable does
_STOP = re.compile(r"[.!?؟。！？…۔।][\"'«»“”‘’)\]]*$")


def _length(source: str, output: str, source_language: str, target_language: str) -> Fault | None:
    """Far shorter or longer than sound translations are, or broken off before its end."""
    pair = (source_language, target_language)
    low, high = _EXTREMES.get(pair, _OTHERS)
    margin = _MARGIN if pair in _EXTREMES else _OTHERS_MARGIN
    least, most = low / margin * _size(source) - _FEW, high * margin * _size(source) + _MANY
    size = _size(output)
    detail = f"{size} characters for {_size(source)}"
    if size < least:
        return Fault("length", f"too short: {detail}", log(size / least))
    if size > most:
        return Fault("length", f"too long: {detail}", log(size / most))
    usual = _FULL if pair == ("ar", "en") else 1 / _FULL
    if pair in _EXTREMES and size < usual * _size(source) and _STOP.search(source) and not _STOP.search(output):
        return Fault("length", f"breaks off: {detail}", log(size / (usual * _size(source))))
    return None


def _summary_length(source: str, output: str) -> Fault | None:
    """A summary is no longer than its article, and more than one word where the article is."""
    if len(output) > len(source):
        return Fault(
            "length", f"too long: {len(output)} characters for {len(source)}", log(len(output) / (len(source) + 1))
        )
    if scripts.words(output) == 1 < scripts.words(source):
        return Fault("length", f"too short: one word for {scripts.words(source)}", -log(scripts.words(source)))
    return None


def _size(text: str) -> int:
    return len(text) + _UNSPACED * scripts.unspaced(text)


# ---------------------------------------------------------------- untranslated

_COPIED = 5  # words in a row that are no names; names and titles in a row pass


def _untranslated(source: str, output: str, source_language: str, target_language: str) -> Fault | None:
    """Words in a script that only the source's language has; where both are written alike, words in a row out of the source.

    Latin names, acronyms and quotations pass in every language.
    """
    read, write = written_in(source_language), written_in(target_language)
    foreign = read - write - {"Latin"}
    left = [word for script in foreign for word in scripts.only(output, script).split()]
    if left and write:
        return Fault(
            "untranslated", f"{_counted(len(left), 'word')} of the source's script", len(left) / len(output.split())
        )
    if read and not read & (write | {"Latin"}):
        return None
    words = output.split()
    copied = _copied(source.split(), words)
    if copied >= _COPIED or (copied >= 2 and fold(source) == fold(output)):
        return Fault("untranslated", f"{copied} words of the source", copied / len(words))
    return None


def _copied(source: Sequence[str], words: Sequence[str]) -> int:
    """The most words in a row that stand in a row in the source too, those with a capital or without letters not counted."""
    longest = 0
    before = [0] * (len(source) + 1)
    for word in words:
        counts = int(any(map(str.isalpha, word)) and not any(map(str.isupper, word)))
        row = [0] * (len(source) + 1)
        for place, other in enumerate(source, 1):
            if word == other:
                row[place] = before[place - 1] + counts
        longest = max(longest, *row)
        before = row
    return longest


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
