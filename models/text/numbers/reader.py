"""Find every quantity of a text, in reading order."""

from dataclasses import replace

from models.text.numbers.amounts import Amounts
from models.text.numbers.calendar import Calendar
from models.text.numbers.context import join_ranges, join_ratios, open_ended
from models.text.numbers.quantity import Kind, Quantity
from models.text.numbers.scan import Token, scan
from models.text.numbers.vocabulary import Vocabulary, vocabulary
from models.text.numbers.wholes import Amount

_CURRENCY = ("$", "€", "£", "¥", "₪")
_ORDINAL_ENDINGS = ("st", "nd", "rd", "th")


def read(text: str, language: str) -> list[Quantity]:
    """Every quantity of `text`: all forms in Arabic ("ar") and English ("en"), only digits in other languages.

    Numbers inside names ("F-16", "G20", "كوفيد-19") are left out.
    """
    return _Reader(text, vocabulary(language)).read()


class _Reader:
    def __init__(self, text: str, words: Vocabulary) -> None:
        self._text = text
        self._vocabulary = words
        self._tokens = scan(text, words.language)
        self._amounts = Amounts(self._tokens, words)
        self._calendar = Calendar(text, self._tokens, self._amounts, words)

    def read(self) -> list[Quantity]:
        found: list[tuple[int, int, Quantity]] = []  # the first token, the one behind the last, what they say
        index = 0
        while index < len(self._tokens):
            quantities, end = self._at(index)
            found += [(index, end, quantity) for quantity in quantities]
            index = max(end, index + 1)
        found = join_ratios(self._tokens, join_ranges(self._tokens, found, self._vocabulary), self._vocabulary)
        return [open_ended(self._tokens, *item, self._vocabulary) for item in found]

    def _at(self, index: int) -> tuple[list[Quantity], int]:
        """What begins at a token, and the index behind it."""
        token = self._tokens[index]
        if token.kind == "sign" or (token.kind == "number" and self._in_name(index)):
            return [], index + 1
        if token.kind == "word" and not self._may_begin(index):
            dual = self._amounts.dual(index)
            return self._finish(index, dual) if dual else ([], index + 1)
        if dated := self._calendar.at(index):
            return dated
        if token.kind == "word":
            if self._names_month(token) and (end := self._calendar.month(index)[1]) > index:
                return [], end
            if (end := self._amounts.percent(index)) > index:
                return [], end
        amount = self._amounts.at(index)
        if amount is None and (quiet := self._implied(index)):
            return [quiet], index + 1
        if amount is None:
            return [], index + 1
        return self._finish(index, amount)

    def _finish(self, index: int, amount: Amount) -> tuple[list[Quantity], int]:
        """An amount with what belongs to it on either side: percent, the ending of an ordinal, month, year."""
        amount = self._attached(index, amount)
        if dated := self._calendar.with_month(index, amount):
            return dated
        if amount.kind == "count" and (end := self._amounts.percent(amount.end)) > amount.end:
            amount = replace(amount, kind="percent", end=end)
        elif amount.kind == "count" and index and self._tokens[index].glued and self._tokens[index - 1].text == "%":
            amount = replace(amount, kind="percent")
        quantity = self._quantity(index, amount.end, amount.low, amount.high, amount.kind)
        quantity = replace(quantity, exact=amount.exact, step=amount.step, weak=amount.weak)
        return [self._calendar.year(index, amount, quantity)], amount.end

    def _attached(self, index: int, amount: Amount) -> Amount:
        """Letters that stand directly behind digits: "21st", "1990s", "$3.5m"."""
        if amount.end >= len(self._tokens) or not amount.digits or not self._tokens[amount.end].glued:
            return amount
        ending = self._tokens[amount.end].text
        if ending in _ORDINAL_ENDINGS:
            return replace(amount, kind="ordinal", end=amount.end + 1)
        if ending == "m" and self._means_million(index, amount.end):
            total = amount.low * 1e6
            return replace(amount, low=total, high=total, step=amount.step * 1e6, scale=1e6, end=amount.end + 1)
        return amount

    def _means_million(self, index: int, ending: int) -> bool:
        """The "m" of "$3.5m" and "3.5m people", not that of "a 3.5m wall"."""
        following = self._amounts.text(ending + 1)
        return self._amounts.text(index - 1) in _CURRENCY if index and not following.endswith("s") else following != ""

    def _quantity(self, start: int, end: int, low: float, high: float, kind: Kind) -> Quantity:
        return Quantity(low, high, kind, True, self._tokens[start].start, self._tokens[end - 1].end)

    def _in_name(self, index: int) -> bool:
        """Digits that are part of a name: letters touch them, or a hyphen between touches both ("F-16", "كوفيد-19", "5G")."""
        token, text = self._tokens[index], self._amounts.text
        following = self._tokens[index + 1] if index + 1 < len(self._tokens) else None
        if (
            following
            and following.glued
            and following.end - following.start == 1
            and self._text[following.start].isupper()
        ):
            return self._amounts.text(index - 1) not in _CURRENCY
        if not token.glued:
            return False
        before = self._tokens[index - 1]
        if before.kind == "word":
            return before.text not in self._vocabulary.proclitics
        if before.text != "-" or not before.glued or self._tokens[index - 2].kind != "word":
            return False
        year = len(token.text) == 4 and token.text[:2] in ("19", "20")
        return (
            not year
            and text(index - 2) not in self._vocabulary.proclitics
            and not self._vocabulary.words.get(text(index - 2))
        )

    def _may_begin(self, index: int) -> bool:
        """Most words begin no quantity; this spares them the closer look."""
        text, starters = self._tokens[index].text, self._vocabulary.starters
        return text in starters or (text in ("a", "an", "the") and self._amounts.text(index + 1) in starters)

    def _names_month(self, token: Token) -> bool:
        return token.text in self._vocabulary.months_first and token.text not in self._vocabulary.words

    def _implied(self, index: int) -> Quantity | None:
        """Words that imply a number: "twice", "ثلاثية", "a month ago", "قبل شهر"."""
        text = self._amounts.text
        word = self._vocabulary.word(text(index), "weak")
        numbered = self._amounts.number(index + 1) if index + 1 < len(self._tokens) else None  # "منذ عام 2014"
        one = (
            text(index) in self._vocabulary.measures
            and self._vocabulary.says("implied", text(index - 1))
            and not numbered
        )
        if not word and not one:
            return None
        amount = float(word.value if word else 1)
        return replace(self._quantity(index, index + 1, amount, amount, "count"), weak=True)
