"""Read one number at a given token: "12", "ثلاثة وعشرون ألفا", "two and a half million".

A number is a chain of groups, each a value below a thousand times its scale; what may follow what inside a group depends on
the language: Arabic joins with "و" and puts units before tens, English puts tens before units.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.text.numbers.quantity import Kind
from models.text.numbers.scan import Token, value
from models.text.numbers.vocabulary import Vocabulary, Word

NO_WORD = Word("weak", 0.0)


@dataclass(frozen=True, slots=True)
class Amount:
    low: float
    high: float
    step: float
    end: int  # the index of the token behind it
    scale: float = 1.0  # the last scale word's
    kind: Kind = "count"
    exact: bool = True
    weak: bool = False
    digits: bool = False


class Wholes:
    """The numbers in one text, without parts of one and vague words."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary) -> None:
        self._tokens = tokens
        self._vocabulary = vocabulary
        self._arabic = vocabulary.language == "ar"

    # ---------------------------------------------------------------- tokens

    def text(self, index: int) -> str:
        return self._tokens[index].text if 0 <= index < len(self._tokens) else ""

    def _word(self, index: int) -> Word:
        """The number word at `index`, or one without meaning."""
        return self._vocabulary.words.get(self.text(index), NO_WORD)

    def _is(self, index: int, *roles: str) -> bool:
        word = self._word(index)
        return word is not NO_WORD and word.role in roles

    def _link(self, index: int) -> tuple[str, int]:
        """What joins an amount to the next token, and where that stands: "", "-" or "and"."""
        text = self.text(index)
        if self._vocabulary.says("span_and", text):
            return "and", index + 1
        if not self._arabic and text == "-":
            return "-", index + 1
        if text == "واحد" and self._tokens[index].raw.startswith("وأ"):  # "and one", levelled to "one"
            return "and", index
        return ("and" if self._word(index).joined else ""), index

    def _article(self, index: int) -> int:
        return index + (not self._arabic and self.text(index) in ("a", "an", "the"))

    def _scale(self, index: int) -> tuple[float, int]:
        """The scale that multiplies what stands before `index`, and the index behind it; 1 if there is none."""
        link, at = self._link(index)
        if link == "and":
            return 1.0, index
        if self._is(at, "scale", "tanween"):
            return self._word(at).value, at + 1
        return (
            (self._vocabulary.plurals[self.text(at)], at + 1)
            if self.text(at) in self._vocabulary.plurals
            else (1.0, index)
        )

    # ---------------------------------------------------------------- whole numbers

    def number(self, index: int) -> Amount | None:
        amount = self._group(index)
        if amount is None or amount.kind != "count":
            return amount
        while (more := self._next_group(amount)) is not None:
            step = more.step if more.digits or more.scale < amount.scale else amount.step
            amount = replace(
                amount, low=amount.low + more.low, high=amount.low + more.low, step=step, scale=more.scale, end=more.end
            )
        return self._and_a_half(amount)

    def _group(self, index: int) -> Amount | None:
        """A value and its scale words: "12 million", "ثلاثة وعشرون ألفا", "مليونين", "a hundred"."""
        token = self._tokens[index]
        if token.kind == "number":
            return self._scaled(self._digits(index))
        start = self._article(index)
        word = self._word(start)
        if start > index and word.role not in ("hundred", "scale"):
            return None
        match word.role:
            case "cardinal" | "hundred" | "ordinal" | "before_ten":
                if word.role == "before_ten" and not self._before_ten(start):
                    return None
                return self._scaled(self._small(start))
            case "scale":
                return self._scaled(Amount(word.value, word.value, word.value, start + 1, word.value))
            case "tanween" if self._continues(start + 1):
                return Amount(word.value, word.value, word.value, start + 1, word.value)
            case "twice" | "tanween":
                return self._scaled(Amount(2 * word.value, 2 * word.value, word.value, start + 1, word.value))
        return None

    def _continues(self, index: int) -> bool:
        """A number goes on with "و": "مليونا ونصف المليون", "ألفا وثمانمئة", "مليونا و300 ألف"."""
        link, at = self._link(index)
        if link != "and" or at >= len(self._tokens):
            return False
        return self._tokens[at].kind == "number" or self._is(
            at, "part", "cardinal", "hundred", "scale", "twice", "before_ten"
        )

    def _digits(self, index: int) -> Amount | None:
        following, _ = self._scale(index + 1)
        percent = self._vocabulary.says("percent", self.text(index + 1)) or self.percent(index + 1) > index + 1
        read = value(self.text(index), self._vocabulary.language, self._arabic and following == 1 and not percent)
        return read and Amount(read[0], read[0], read[1], index + 1, digits=True)

    def percent(self, index: int) -> int:
        """The index behind a word for percent at `index`; `index` if there is none."""
        at = index + (self.text(index) == "-")
        for length in (2, 1):
            if self._vocabulary.says("percent", *(self.text(at + offset) for offset in range(length))):
                return at + length
        return at + 1 if self.text(at) == "%" else index

    def _scaled(self, amount: Amount | None) -> Amount | None:
        if amount is None or amount.kind != "count":
            return amount
        while True:
            scale, end = self._scale(amount.end)
            plural = self.text(end - 1) in self._vocabulary.plurals
            if scale > 1.0 and (
                self._word(end - 1).definite or (plural and not _takes_plural(amount.low))
            ):  # "عام 2011 آلاف القطع"
                return amount
            if scale == 1.0 and amount.digits and not self._arabic and self._is(amount.end, "hundred"):
                scale, end = 100.0, amount.end + 1
            if scale == 1.0:
                return amount
            total = amount.low * scale
            step = max(1.0, amount.step * scale) if scale > 12 else 1.0
            amount = replace(amount, low=total, high=total, step=step, scale=amount.scale * scale, end=end, weak=False)

    def _before_ten(self, index: int) -> bool:
        """ "اثنا" counts in "اثنا عشر" only."""
        return self._is(index, "before_ten") and self._word(index + 1).value == 10

    def _small(self, index: int) -> Amount:
        """Number words below a thousand (in English also "twelve hundred"), cardinal or ordinal."""
        first = self._word(index)
        total, end, ordinal = first.value, index + 1, first.role == "ordinal"
        while True:
            link, at = self._link(end)
            word = self._word(at)
            if word.role not in ("cardinal", "hundred", "ordinal") and not self._before_ten(at):
                break
            if link == "and" and not self._arabic and word.value < 10 and self._is(at + 1, "hundred"):
                break  # "between one hundred and two hundred"
            if link == "" and not self._arabic and self._describes(at):
                break
            follow = _follow_arabic if self._arabic else _follow_english
            joined = follow(total, word, link, ordinal)
            if joined is None:
                break
            total, end, ordinal = joined, at + 1, ordinal or word.role == "ordinal"
        weak = total <= (1 if self._arabic else 2)
        return Amount(total, total, 1.0, end, kind="ordinal" if ordinal else "count", weak=weak)

    def _describes(self, index: int) -> bool:
        """Whether a hyphen makes a number part of the next word: the second "four" of "four hundred four-wheel drives"."""
        return self.text(index + 1) == "-" and not self._is(index + 2, "cardinal")

    def _next_group(self, amount: Amount) -> Amount | None:
        """The smaller group that continues a number: "... ألفا وخمسمئة", "... thousand five hundred"."""
        if amount.scale < 1000:
            return None
        link, at = self._link(amount.end)
        if at >= len(self._tokens) or link == "-" or (self._arabic and link != "and"):
            return None
        token = self._tokens[at]
        if token.kind != "number" and not self._is(
            at, "cardinal", "hundred", "scale", "twice", "tanween", "before_ten"
        ):
            return None
        group = self._group(at)
        if group is None or group.kind != "count" or group.low >= amount.scale or group.low == 0:
            return None
        if token.kind == "number" and group.scale == 1 and not (self._arabic and group.low >= 100):
            return None  # "5 آلاف و10 جرحى"
        return group

    # ---------------------------------------------------------------- parts

    def _and_a_half(self, amount: Amount) -> Amount:
        """ "... and a half", with at most one noun before it: "مليون ونصف المليون", "three years and a half"."""
        for noun in (0, 1):
            at = amount.end + noun
            link, at = self._link(at)
            at = self._article(at)
            if link == "and" and self._is(at, "part") and at < len(self._tokens):
                break
        else:
            return amount
        if noun and self._tokens[amount.end].kind != "word":
            return amount
        share = 1 / self._word(at).value
        scale, end = self._scale(at + 1)
        if amount.scale == 1.0 and not noun:
            total = (amount.low + share) * scale
        elif scale in (1.0, amount.scale):
            total = amount.low + share * amount.scale
        else:  # "ثلاثة ملايين ونصف ألف"
            total = amount.low + share * scale
        if noun and scale > 1 and not self._word(at + 1).definite:  # "150 مليون يورو ونصف مليون" are two amounts
            return amount
        scale = max(scale, amount.scale)
        return replace(amount, low=total, high=total, step=scale / 10, scale=scale, end=end, weak=False)


def _takes_plural(value: float) -> bool:
    """Arabic counts thousands in the plural after 3 to 10, also at the end of a hundred, and after a decimal: "210 آلاف"."""
    return value < 1000 and (3 <= value % 100 <= 10 or value % 1 > 0)


def _follow_arabic(total: float, word: Word, link: str, ordinal: bool) -> float | None:
    """The number after one more word; None if the word does not continue it."""
    units = total % 100
    if word.role == "ordinal" or total >= 1000:
        return None
    if link == "":
        if word.role == "hundred":
            return total * 100 if 3 <= total <= 9 and not ordinal and not word.definite else None
        return total + 10 if word.value == 10 and 1 <= units <= 9 and not word.definite else None
    if word.role == "hundred":
        return None
    if 20 <= word.value <= 90 and 1 <= units <= 9:
        return total + word.value
    return total + word.value if total >= 100 and units == 0 and word.value < 100 else None


def _follow_english(total: float, word: Word, link: str, ordinal: bool) -> float | None:
    if ordinal:
        return None
    if word.value == 100:
        return total * 100 if 1 <= total <= 99 and link != "and" else None
    units = total % 100
    if 1 <= word.value <= 9 and 20 <= units <= 90 and units % 10 == 0:
        return total + word.value if link != "and" else None
    return total + word.value if total >= 100 and units == 0 and 1 <= word.value < 100 and link != "-" else None
