"""The words of a text, with their places, in a form in which spellings of the same name meet."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from models.text.normalise import fold

_MARKS = "\u0300-\u036f\u064b-\u065f\u0670\u200c\u200d"
_WORD = re.compile(rf"(?:[^\W\d_]\.){{2,}}|[^\W_][^\W_{_MARKS}]*(?:[{_MARKS}]+[^\W_]*|['’‘ʼʿʾ`´][^\W\d_]+)*")
_ARABIC = re.compile("[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdfb\ufe70-\ufefc]")
_POSSESSIVE = re.compile(r"(?<=\w)['’‘ʼ]s$", re.IGNORECASE)
_QUOTES = re.compile(r"['’‘ʼʿʾ`´.]")
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"})
_BEGINNING = re.compile(r"[.!?…:؟\n]|[\"“«„(‘']$")  # between two words: the second begins a sentence


@dataclass(frozen=True, slots=True)
class Word:
    """A word at `start:end`; `gap` is what stands between it and the next word, `plain` the form to compare."""

    text: str
    plain: str
    start: int
    end: int
    gap: str
    first: bool  # of its sentence

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def possessive(self) -> bool:
        return _POSSESSIVE.search(self.text) is not None or self.gap[:1] in ("'", "’")

    @property
    def acronym(self) -> bool:
        """All capitals, as "UN", "U.S." and "MPs"."""
        letters = _POSSESSIVE.sub("", self.text).replace(".", "")
        return len(letters) > 1 and (
            letters.isupper() or (len(letters) > 2 and letters[:-1].isupper() and letters[-1] == "s")
        )

    @property
    def article(self) -> bool:
        """An Arabic article in Latin letters, written as a word of its own or before a hyphen."""
        return self.plain in particles("article") or (self.gap == "-" and self.plain in particles("assimilated"))

    @property
    def joined(self) -> bool:
        """The next word can belong to the same name: nothing but a space or a hyphen stands between them."""
        return not self.possessive and self.gap.strip(" \u00a0") in ("", "-", "‑", "–") and "\n" not in self.gap


@cache
def particles(kind: str) -> frozenset[str]:
    """The words of one line of `models/text/data/names/particles.tsv`."""
    lines = files("models.text").joinpath("data", "names", "particles.tsv").read_text("utf-8").splitlines()
    return next(frozenset(line.split()[1:]) for line in lines if line.startswith(f"{kind}\t"))


def words(text: str) -> list[Word]:
    """The words of `text` in reading order; hyphens separate words, apostrophes do not."""
    found = list(_WORD.finditer(text))
    ends = [*(match.start() for match in found), len(text)][1:]
    out: list[Word] = []
    for match, following in zip(found, ends, strict=True):
        first = not out or (_BEGINNING.search(out[-1].gap) is not None and not _abbreviation(out[-1]))
        out.append(Word(match[0], plain(match[0]), match.start(), match.end(), text[match.end() : following], first))
    return out


def _abbreviation(word: Word) -> bool:
    """A title cut short, as in "Dr. Saleh": its full stop ends no sentence."""
    return len(word.text) <= 3 and word.text.istitle() and word.gap == ". "


@lru_cache(maxsize=16384)
def plain(word: str) -> str:
    """Arabic words folded (`models.text.normalise.fold`); Latin ones without case, accents, apostrophes and possessive."""
    if _ARABIC.search(word):
        return fold(word)
    bare = _QUOTES.sub("", _POSSESSIVE.sub("", word)).casefold()
    if bare.isascii():
        return bare or word
    decomposed = unicodedata.normalize("NFKD", bare.translate(_PLAIN))
    return "".join(char for char in decomposed if not unicodedata.combining(char)) or word


def arabic(text: str) -> bool:
    """Whether `text` is written in Arabic letters."""
    return _ARABIC.search(text) is not None


@lru_cache(maxsize=16384)
def forms(word: str) -> tuple[str, ...]:
    """A folded Arabic word as it is, and without what may be written together with it: و and ف, then ب ل ك, then the article."""
    found = {word: None}
    for particles, least in (("وف", 2), ("بلك", 3)):
        found |= {form[1:]: None for form in tuple(found) if form[0] in particles and len(form) > least}
    for form in tuple(found):
        if form.startswith("لل") and len(form) > 3:
            found |= {"ال" + form[2:]: None, form[2:]: None}
        if form.startswith("ال") and len(form) > 3:
            found[form[2:]] = None
    return tuple(found)
