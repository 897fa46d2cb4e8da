"""Dates, years, decades and times of day."""

from collections.abc import Sequence
from dataclasses import replace

from models.text.numbers.amounts import Amounts
from models.text.numbers.quantity import Kind, Quantity
from models.text.numbers.scan import Token
from models.text.numbers.vocabulary import Vocabulary
from models.text.numbers.wholes import Amount

_Found = tuple[list[Quantity], int] | None  # quantities, and the index of the token behind them


class Calendar:
    def __init__(self, text: str, tokens: Sequence[Token], amounts: Amounts, words: Vocabulary) -> None:
        self._text = text
        self._tokens = tokens
        self._amounts = amounts
        self._vocabulary = words

    def at(self, index: int) -> _Found:
        """A date or time in digits, "March 12", or a decade."""
        token = self._tokens[index]
        if token.kind == "date":
            return self._in_digits(token), index + 1
        if token.kind == "time":
            hours, minutes = token.text.replace(".", ":").split(":")[:2]
            return [_quantity("time", int(hours) + int(minutes) / 60, token, token)], index + 1
        if token.kind == "number":
            return self._decade_in_digits(index)
        if decade := self._vocabulary.word(token.text, "decade"):
            return [_quantity("year", decade.value, token, token, decade.value + 9)], index + 1
        return self._month_first(index) or self._clock(index)

    def with_month(self, index: int, amount: Amount) -> _Found:
        """A day that is followed by its month: "12 March", "الثاني عشر من مارس/آذار"."""
        if amount.kind not in ("count", "ordinal") or not 1 <= amount.low <= 31 or amount.low != int(amount.low):
            return None
        at = amount.end + self._vocabulary.says("of", self._amounts.text(amount.end))
        month, end = self.month(at)
        if not month:
            return None
        return [_quantity("date", 100 * month + amount.low, self._tokens[index], self._tokens[end - 1])], end

    def month(self, index: int) -> tuple[int, int]:
        """The month that is named at `index` (0: none) and the index behind it, and behind its other name ("مارس/آذار")."""
        number, end = 0, index
        while end < len(self._tokens):
            text, months = self._amounts.text(end), self._vocabulary.months
            if self._vocabulary.language == "en" and not self._text[self._tokens[end].start].isupper():
                break
            length = 2 if (text, self._amounts.text(end + 1)) in months else 1 if (text,) in months else 0
            if not length:
                break
            number = number or months[(text, self._amounts.text(end + 1))[:length]]
            end += length
            if self._amounts.text(end) != "/":
                return number, end
            end += 1
        return (number, end - 1) if number else (0, index)

    def year(self, index: int, amount: Amount, quantity: Quantity) -> Quantity:
        """The quantity as a year, if its form and the word before say so: "2014", "in 1850", "عام ألفين وأحد عشر"."""
        if amount.kind != "count" or not 1000 <= amount.low < 2100 or amount.low != int(amount.low) or not amount.exact:
            return quantity
        before = self._amounts.text(index - 1).lstrip("و") if index else ""
        cue = self._vocabulary.says("year", before) or bool(index and self.month(index - 1)[0])
        token = self._tokens[index]
        plain = token.kind == "number" and amount.end == index + 1 and len(token.text) == 4
        if plain and amount.low >= 1900 and (cue or amount.low % 100):
            return replace(quantity, kind="year")
        spoken = token.kind == "word" and self._vocabulary.language == "ar" and amount.low % 1000
        return replace(quantity, kind="year") if cue and (spoken or (plain and amount.low >= 1500)) else quantity

    def _in_digits(self, token: Token) -> list[Quantity]:
        numbers = [int(part) for part in token.text.replace(".", "-").replace("/", "-").split("-")]
        year, month, day = numbers if numbers[0] > 31 else numbers[::-1]
        if month > 12:
            month, day = day, month
        if not 1 <= month <= 12 or not 1 <= day <= 31:
            return []
        return [_quantity("date", 100 * month + day, token, token), _quantity("year", year, token, token)]

    def _decade_in_digits(self, index: int) -> _Found:
        """ "1990s", "the 90s"."""
        token = self._tokens[index]
        follows = index + 1 < len(self._tokens) and self._tokens[index + 1].glued
        if not follows or self._amounts.text(index + 1) != "s" or not token.text.isdecimal() or int(token.text) % 10:
            return None
        decade = int(token.text)
        decade += 1900 if decade < 100 else 0
        return [_quantity("year", decade, token, self._tokens[index + 1], decade + 9)], index + 2

    def _month_first(self, index: int) -> _Found:
        """ "March 12", "March 12-14" up to its first day."""
        if self._vocabulary.language != "en":
            return None
        month, at = self.month(index)
        at += self._amounts.text(at) == "the"
        if not month or at >= len(self._tokens) or self._tokens[at].kind == "sign":
            return None
        day = self._amounts.at(at)
        if (
            day is None
            or not (day.digits or day.kind == "ordinal")
            or not 1 <= day.low <= 31
            or day.low != int(day.low)
        ):
            return None
        end = day.end
        if self._amounts.text(end) in ("st", "nd", "rd", "th"):
            end += 1
        return [_quantity("date", 100 * month + day.low, self._tokens[index], self._tokens[end - 1])], end

    def _clock(self, index: int) -> _Found:
        """ "half past ten", "العاشرة والنصف"."""
        text, word = self._amounts.text, self._vocabulary.word
        if (
            text(index + 1) in ("past", "to")
            and (part := word(text(index), "part"))
            and (hour := word(text(index + 2), "cardinal"))
        ):
            at = hour.value + 1 / part.value * (1 if text(index + 1) == "past" else -1)
            return [_quantity("time", at, self._tokens[index], self._tokens[index + 2])], index + 3
        if (
            text(index + 1) == "past"
            and (minutes := word(text(index), "cardinal"))
            and (hour := word(text(index + 2), "cardinal"))
        ):
            return [
                _quantity("time", hour.value + minutes.value / 60, self._tokens[index], self._tokens[index + 2])
            ], index + 3
        hour = word(text(index), "ordinal") or (
            word(text(index), "cardinal") if text(index).endswith("الواحده") else None
        )
        if self._vocabulary.language != "ar" or hour is None or not hour.definite:
            return None
        if text(index + 1) == "الا" and (part := word(text(index + 2).removesuffix("ا"), "part")):
            return [
                _quantity("time", hour.value - 1 / part.value, self._tokens[index], self._tokens[index + 2])
            ], index + 3
        if (part := word(text(index + 1), "part")) and part.definite and part.joined:
            return [
                _quantity("time", hour.value + 1 / part.value, self._tokens[index], self._tokens[index + 1])
            ], index + 2
        past = self._amounts.at(index + 1) if (joined := word(text(index + 1), "cardinal")) and joined.joined else None
        if past and text(past.end) in ("دقيقه", "دقايق", "دقائق"):
            at = hour.value + past.low / 60
            return [_quantity("time", at, self._tokens[index], self._tokens[past.end])], past.end + 1
        return None


def _quantity(kind: Kind, low: float, first: Token, last: Token, high: float | None = None) -> Quantity:
    return Quantity(float(low), float(low if high is None else high), kind, True, first.start, last.end)
