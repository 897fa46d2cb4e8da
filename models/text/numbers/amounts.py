"""Read one amount at a given token: a number, a part of one, a vague word or a dual."""

from models.text.numbers.wholes import NO_WORD, Amount, Wholes

_DUAL = ("ان", "ين", "هما", "تا", "تي", "ا", "ي")


class Amounts(Wholes):
    """The amounts in one text."""

    def at(self, index: int) -> Amount | None:
        """The amount that begins with the token `index`."""
        return (
            self._vague(index)
            or self._fraction(index)
            or self._measure_and_a_half(index)
            or self.number(index)
            or self.dual(index)
        )

    def _measure_and_a_half(self, index: int) -> Amount | None:
        """ "عام ونصف العام", "a year and a half"."""
        noun = self._article(index)
        if self.text(noun) not in self._vocabulary.measures:
            return None
        amount = self._and_a_half(Amount(1.0, 1.0, 1.0, noun + 1))
        return amount if amount.end > noun + 1 and amount.scale == 1.0 else None

    def _fraction(self, index: int) -> Amount | None:
        """ "نصف", "ثلاثة أرباع", "two-thirds", "a quarter of a million"."""
        share, end = self._share(index)
        if not share:
            return None
        at = self._article(end + (not self._arabic and self.text(end) == "of"))
        scale, behind = self._scale(at)
        if scale == 1.0 and self._is(at, "hundred") and not self._arabic:
            scale, behind = 100.0, at + 1
        if scale > 1.0:
            return Amount(share * scale, share * scale, scale / 10 if scale > 12 else 1.0, behind, scale)
        if (behind := self._point(at)) > at:  # "half a percent", "a quarter of a percentage point"
            return Amount(share, share, 0.1, behind, kind="percent")
        return Amount(100 * share, 100 * share, 1e-9, end, kind="percent")

    def _point(self, index: int) -> int:
        """The index behind "percent", or behind "point", which is one after a part: "a quarter-point cut"."""
        at = index + (self.text(index) == "-")
        return at + 1 if self._vocabulary.says("point", self.text(at)) else self.percent(index)

    def _share(self, index: int) -> tuple[float, int]:
        """The part of one that begins at `index` and the index behind it; 0 if there is none."""
        word, vocabulary = self._word(index), self._vocabulary
        if self._arabic:
            if self.text(index) in vocabulary.definite_parts and self._means_part(index):
                return 1 / vocabulary.definite_parts[self.text(index)], index + 1
            if word.role == "parts":
                return 2 / word.value, index + 1
            if word.role == "part" and not (word.definite and self._is(index + 1, "ordinal")):  # not "النصف الثاني"
                return 1 / word.value, index + 1
            if (
                word.role == "cardinal"
                and 3 <= word.value <= 9
                and self._is(index + 1, "plural_part")
                and not self._word(index + 1).joined
            ):
                return word.value / self._word(index + 1).value, index + 2
            return 0.0, index
        many, at = 1.0, index
        if word.role == "cardinal" or self.text(index) in ("a", "an"):
            many = word.value or 1.0
            at = index + 1 + (self.text(index + 1) == "-")
        elif (
            word.role != "part"
            or self._is(index - 1, "ordinal")
            or self.text(index - 1) == "the"
            or not self._opens_part(index)
        ):
            return 0.0, index
        part = self._word(at)
        named = (
            many == 1
            and part.role == "ordinal"
            and part.value >= 3
            and (word.role == "cardinal" or self.text(at + 1) == "of" or self._approximated(index))
        )
        return (many / part.value, at + 1) if part.role == "part" or named else (0.0, index)

    def _approximated(self, index: int) -> bool:
        """Whether a word such as "about" or "than" stands before: "about a third" is no rank."""
        listed = (self._vocabulary.phrases.get(key, ()) for key in ("about", "more", "less"))
        return any(phrase[-1] == self.text(index - 1) for phrases in listed for phrase in phrases)

    def _means_part(self, index: int) -> bool:
        """ "خمس" is a fifth when it is marked so ("خُمس"), or before a definite noun."""
        following = self._tokens[index + 1].raw if index + 1 < len(self._tokens) else ""
        return "\u064f" in self._tokens[index].raw or (following.startswith("ال") and not self._word(index).definite)

    def _opens_part(self, index: int) -> bool:
        """A bare "half" is a part, a bare "quarter" only before "of"; neither is in "half-brother" or "quarter-final"."""
        following = self.text(index + 1)
        return following == "of" or (
            self.text(index) == "half"
            and following not in ("time", "way", "brother", "sister", "-")
            and following[-2:] != "ed"
        )

    def dual(self, index: int) -> Amount | None:
        """An Arabic noun in the dual: surely ("يومين") or by its ending only, which makes it weak."""
        word, vocabulary = self.text(index), self._vocabulary
        if not self._arabic or not word.endswith(_DUAL) or word in vocabulary.never_duals or word in vocabulary.words:
            return None
        sure = word in vocabulary.duals
        if index and self._counts(index - 1) and (not sure or word.endswith("ا")):
            return None  # a singular or a plural that follows a number: "43 قاربا", "آلاف الليبيين"
        construct = word in vocabulary.construct_duals
        if construct and vocabulary.says("of", self.text(index + 1)):
            return None  # the accusative: "طفلا من كل ثلاثة"
        if not sure and not construct:
            masculine = len(word) >= 5 and word.endswith(("ان", "ين", "هما"))
            if not masculine and not (len(word) >= 6 and word.endswith(("تا", "تي"))):
                return None
        return self._and_a_half(Amount(2.0, 2.0, 1.0, index + 1, weak=not sure))

    def _counts(self, index: int) -> bool:
        """Whether a token is a number, or the end of one, that what follows is never in the dual after: "أحد الطرفين" may be."""
        word = self._word(index)
        several = word.role in ("cardinal", "hundred", "scale", "twice", "tanween", "vague") and word.value > 2
        return several or self._tokens[index].kind == "number"

    # ---------------------------------------------------------------- vague words

    def _vague(self, index: int) -> Amount | None:
        """ "dozens", "عشرات الآلاف", "several hundred", "بضع مئات"."""
        start = self._article(index)
        if self._vocabulary.says("few", self.text(start).lstrip("و") if self._arabic else self.text(start)):
            return self._few(start + 1)
        word = self._word(index)
        if word.role != "vague" or word is NO_WORD:
            return None
        end = index + 1
        weak = self.text(index) == "scores" and self.text(end) != "of"  # "to settle scores"
        at = end + self._vocabulary.says("of", self.text(end))
        scale = self._vocabulary.plurals.get(self.text(at), 1.0)
        if word.value < scale:
            return Amount(word.value * scale, word.high * scale, 1.0, at + 1, scale, exact=False)
        return Amount(word.value, word.high, 1.0, end, exact=False, weak=weak)

    def _few(self, index: int) -> Amount | None:
        word = self._word(index)
        if word.role == "vague" and word is not NO_WORD:
            return self._vague(index)
        if word.role not in ("scale", "hundred") or word is NO_WORD:
            return None
        return Amount(1.5 * word.value, 10 * word.value, 1.0, index + 1, word.value, exact=False)
