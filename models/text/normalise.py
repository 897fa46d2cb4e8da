"""Make submitted text fit for the models without losing sight of it: every character remembers where it came from.

Only the *encoding* of the text is repaired (spaces, invisible characters, presentation forms, tatweel, decomposed
accents, broken code points). Letters are never folded into each other here: alef and yaa variants, vowel marks and
digits reach the models as they were written. `fold` does fold them, for comparing strings only.
"""

import re
import unicodedata
from array import array
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, eq=False)
class Mapped:
    """Normalised text whose character `i` came from `starts[i]:ends[i]` of the submitted text (Unicode code points)."""

    text: str
    starts: "array[int]"
    ends: "array[int]"

    def __len__(self) -> int:
        return len(self.text)

    def __getitem__(self, part: slice) -> Self:
        """The characters of `part`, a slice without a step, with their origins."""
        return type(self)(self.text[part], self.starts[part], self.ends[part])

    def strip(self) -> Self:
        """Without white space at either end."""
        begin = len(self.text) - len(self.text.lstrip())
        return self[begin : max(begin, len(self.text.rstrip()))]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters `start:end` stand in the submitted text; an empty range is refused with ValueError."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"{start}:{end} is not a range of characters in a text of {len(self.text)}")
        return self.starts[start], self.ends[end - 1]

    def join(self, other: "Mapped") -> "Mapped":
        """This text, one space, then `other`; the space stands for whatever was between them."""
        if not self.text or not other.text:
            return self if self.text else other
        return Mapped(
            f"{self.text} {other.text}",
            self.starts + array("q", [self.ends[-1]]) + other.starts,
            self.ends + array("q", [other.starts[0]]) + other.ends,
        )


_LETTER = r"[^\W\d_]"
_SPACES = r"\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"  # zero width, bidi
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\ud800-\udfff\ufffe\uffff\ufff9-\ufffb"  # halves of characters, non-characters, annotations
)
# Compatibility characters whose plain form is the same letter to a reader. Not NFKC as a whole: it also rewrites
# fractions, superscripts and full-width Chinese punctuation.
_FORMS = (
    "\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufb4f"  # Latin, Armenian and Hebrew ligatures
    "\ufb50-\ufd3d\ufd50-\ufdff\ufe70-\ufefc"  # Arabic
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"  # full-width digits and letters
)
_REPAIR = re.compile(
    r"(?P<newline>\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029])"
    rf"|(?P<space>[ {_SPACES}](?:[{_INVISIBLE}\u200c\u200d]*[ {_SPACES}])+|[{_SPACES}])"
    r"|(?P<tatweel>\u0640+)"
    # Joiners are spelling inside Persian, Urdu, Kurdish and Indic words and inside emoji; elsewhere they are debris.
    r"|(?P<joiner>[\u200c\u200d]+)"
    rf"|(?P<drop>[{_INVISIBLE}]+)"
    rf"|(?P<form>[{_FORMS}])"
    rf"|(?P<accent>{_LETTER}[\u0300-\u036f\u0653-\u0655]+)"
)
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u06d6-\u06ed\u0300-\u036f]")


def normalise(text: str, start: int = 0) -> Mapped:
    """Repair the encoding of `text`, which begins at code point `start` of what was submitted. Linear time.

    Line breaks become "\\n" and every other run of white space one space; tatweel, invisible and control characters and
    lone surrogates go; presentation forms and decomposed accents become the plain letter.
    """
    out: list[str] = []
    starts, ends = array("q"), array("q")
    copied = 0

    def copy(until: int) -> None:
        out.append(text[copied:until])
        starts.extend(range(start + copied, start + until))
        ends.extend(range(start + copied + 1, start + until + 1))

    for match in _REPAIR.finditer(text):
        copy(match.start())
        new = _replacement(match, text)
        copied = match.end()
        out.append(new)
        starts.extend([start + match.start()] * len(new))
        ends.extend([start + copied] * len(new))
    copy(len(text))
    return Mapped("".join(out), starts, ends)


def _replacement(match: "re.Match[str]", text: str) -> str:
    """What stands for a stretch that `_REPAIR` found."""
    found = match.group()
    match match.lastgroup:
        case "newline":
            return "\n"
        case "space":
            return " "
        case "drop":
            return ""
        case "tatweel":
            return _plain_tatweel(text, match.start(), match.end())
        case "joiner":
            inside = match.start() > 0 and match.end() < len(text)
            return found[0] if inside and not text[match.start() - 1].isspace() and _joins(text[match.end()]) else ""
        case "form":
            return _plain_form(found)
        case _:
            return unicodedata.normalize("NFC", found)


def _joins(char: str) -> bool:
    """Letters, their marks and symbols (emoji) can follow a joiner."""
    return unicodedata.category(char)[0] in "LMS"


def _plain_tatweel(text: str, start: int, end: int) -> str:
    """Tatweel only stretches a word, except alone, where it is a dash, and in "هـ", the sign of the Hijri year."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if not before.isalpha() and not _MARKS.match(before) and not after.isalpha():
        return "-"
    if before == "ه" and not after.isalpha() and not text[max(0, start - 2) : start - 1].isalpha():
        return "ـ"
    return ""


def _plain_form(char: str) -> str:
    """NFKC of one compatibility character; marks shown on a space or on a tatweel lose that carrier."""
    plain = unicodedata.normalize("NFKC", char)
    bare = plain.lstrip(" ـ")
    return bare if bare and all(map(unicodedata.combining, bare)) else plain


_FOLDED = str.maketrans("أإآٱىیېئؤةۀەکڪھہ", "ااااييييوهههككهه")


def fold(text: str) -> str:
    """A form for comparing strings, never for reading or for models: case, marks and letter variants are levelled.

    Arabic alef, yaa, kaf and haa variants, Persian and Urdu ones among them, become one letter each; white space is
    collapsed. Offsets are not kept.
    """
    plain = normalise(text).text if _REPAIR.search(text) else text
    return " ".join(_MARKS.sub("", plain).translate(_FOLDED).casefold().replace("\u200c", "").split())
