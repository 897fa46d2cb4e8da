"""Numbers: changed so that the brief is wrong, or written otherwise so that it stays right."""

import itertools
import random
import re
from collections.abc import Iterator
from functools import cache

from base import Change, Draft, once, whole

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
WORDS = {word: value for value, word in enumerate(_UNITS.split())} | {
    word: 10 * place for place, word in enumerate(_TENS.split(), 2)
}
_NAMES = {value: word for word, value in WORDS.items()}
DIGITS = re.compile(r"(?<![\w.,:/–-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\w:/–-]|[.,]\d)")
SPELLED = re.compile(r"(?<![\w-])(?:" + "|".join(WORDS) + r")(?![\w-])", re.IGNORECASE)
_BOUND = re.compile(
    r"\b(more than|less than|fewer than|at least|up to|as many as|at most|over|under|no more than|not exceed|below|above|"
    r"reach(?:ing)?|exceed(?:ed|ing|s)?|a maximum of|from|between|to|and)\s+\$?$",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\b(about|around|some|nearly|almost|close to|roughly|approximately|near)\s+\$?$", re.IGNORECASE)
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_PERCENT = re.compile(r"^\s?(%|per ?cent\b)")
_SCALE = re.compile(r"^ (million|billion)\b")
_FIXED = re.compile(
    r"\b(an?|the|both|between|one of|of the|all|its|his|their|first|last|Group of|other)\s+$", re.IGNORECASE
)
_TITLE = re.compile(rf"(?<=[\w,] )(?!{_MONTH})[A-Z]\w* $")  # "Let 410" is a name
_TO_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩٫٬", "0123456789.,")
_TO_INDIC = str.maketrans("0123456789.,", "٠١٢٣٤٥٦٧٨٩٫٬")
# Three to ten, beside a masculine and a feminine noun; the change keeps the gender.
_ARABIC = {
    3: ("ثلاثة", "ثلاث"),
    4: ("أربعة", "أربع"),
    5: ("خمسة", "خمس"),
    6: ("ستة", "ست"),
    7: ("سبعة", "سبع"),
    9: ("تسعة", "تسع"),
}


def value(digits: str) -> float:
    return float(digits.replace(",", ""))


def values(text: str) -> set[float]:
    """Every number of a text in digits of either kind or in single English words."""
    western = text.translate(_TO_WESTERN)
    found = {value(digits) for digits in re.findall(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", western)}
    found |= {float(WORDS[word.lower()]) for word in re.findall(r"[A-Za-z]+", text) if word.lower() in WORDS}
    return found


def known(draft: Draft) -> set[float]:
    return _known(whole(draft.article, "en") + whole(draft.article, "ar"))


@cache
def _known(text: str) -> set[float]:
    return values(text)


def changes(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """The draft with one number wrong; never a number that stands in the article, except for kind "exchanged"."""
    taken = known(draft)
    found = [*_digits(draft, taken, rng), *_words(draft, taken, rng), *_scales(draft), *_exchanges(draft)]
    rng.shuffle(found)
    yield from found


def _digits(draft: Draft, taken: set[float], rng: random.Random) -> Iterator[Change]:
    en = draft.en
    for match in DIGITS.finditer(en):
        before, after, said = en[max(0, match.start() - 25) : match.start()], en[match.end() :], match.group()
        if (_BOUND.search(before) and not _is_year(said, before)) or _TITLE.search(before):
            continue
        for kind, new in _other(said, before, after, rng):
            far = abs(value(new) / value(said) - 1) if value(said) else 0
            needed = 0.5 if _ABOUT.search(before) else 0.05 if value(said) >= 30 and "year" not in kind else 0
            if value(new) not in taken and far > needed and value(new) > 1:
                yield Change(
                    f"number:{kind}", en[: match.start()] + new + en[match.end() :], _arabic_digits(draft.ar, said, new)
                )


def _is_year(said: str, before: str) -> bool:
    return said.isdigit() and 1900 <= int(said) <= 2099 and not before.endswith("$")


def _other(said: str, before: str, after: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Other numbers in the same form, each with its kind."""
    if _is_year(said, before):
        yield "year", str(int(said) + rng.choice([-9, -4, -3, -2, 2, 3, 4]))
        return
    kind = "percent" if _PERCENT.match(after) else "digit"
    if re.match(rf" {_MONTH}", after) or re.search(rf"{_MONTH} $", before):
        yield "date", str((int(value(said)) + rng.choice([3, 7, 9])) % 27 + 2)
        return
    places = [place for place, char in enumerate(said) if char.isdigit()]
    place = rng.choice(places[: max(1, min(2, len(places) - 1))])
    other = rng.choice([digit for digit in "123456789" if digit != said[place]])
    yield kind, said[:place] + other + said[place + 1 :]
    if kind == "digit" and "." not in said and 10 <= value(said) < 10**8 and not _SCALE.match(after):
        bigger = int(value(said)) * 10
        yield "magnitude", f"{bigger:,}" if bigger >= 1000 else str(bigger)


def _arabic_digits(ar: str, old: str, new: str) -> str | None:
    for table in ({}, _TO_INDIC):
        shown, wanted = old.translate(table), new.translate(table)
        if len(re.findall(rf"(?<![\d٠-٩.,٫٬]){re.escape(shown)}(?![\d٠-٩]|[.,٫٬][\d٠-٩])", ar)) == 1:
            return re.sub(rf"(?<![\d٠-٩.,٫٬]){re.escape(shown)}(?![\d٠-٩]|[.,٫٬][\d٠-٩])", wanted, ar)
    return None


def _words(draft: Draft, taken: set[float], rng: random.Random) -> Iterator[Change]:
    en = draft.en
    for match in SPELLED.finditer(en):
        said, before, after = (
            WORDS[match.group().lower()],
            en[max(0, match.start() - 25) : match.start()],
            en[match.end() :],
        )
        if said < 2 or _BOUND.search(before) or _ABOUT.search(before) or _FIXED.search(before):
            continue
        if re.match(r" (?:and a half|hundred|of them|out of|tenths|days? a week|hours? a day)", after):
            continue
        group = [
            number for number in _NAMES if number > 1 and (number >= 20) == (said >= 20) and abs(number - said) <= 60
        ]
        group = [number for number in group if number not in taken and (number < 11) == (said < 11)]
        if group:
            new = rng.choice(group)
            name = _NAMES[new].capitalize() if match.group()[0].isupper() else _NAMES[new]
            yield Change(
                "number:word", en[: match.start()] + name + en[match.end() :], _arabic_word(draft.ar, said, new)
            )


def _arabic_word(ar: str, old: int, new: int) -> str | None:
    if old not in _ARABIC or new not in _ARABIC:
        return None
    for shown, wanted in zip(_ARABIC[old], _ARABIC[new], strict=True):
        pattern = rf"(?<!\w)([وفبل]?){shown}(?!\w)(?! عشر| و(?:عشر|ثلاث|أربع|خمس|ست|سبع|ثمان|تسع))"
        if len(re.findall(pattern, ar)) == 1:
            return re.sub(pattern, rf"\g<1>{wanted}", ar)
    return None


def _scales(draft: Draft) -> Iterator[Change]:
    for old, new, shown, wanted in (
        ("million", "billion", "مليون", "مليار"),
        ("billion", "million", "مليار", "مليون"),
        ("million", "thousand", "مليون", "ألف"),
    ):
        for match in re.finditer(rf"(?<=[\d] ){old}\b", draft.en):
            ar = re.sub(rf"(?<!\w){shown}(?!\w)", wanted, draft.ar)
            sure = len(re.findall(rf"(?<!\w){shown}(?!\w)", draft.ar)) == 1
            yield Change(
                "number:scale", draft.en[: match.start()] + new + draft.en[match.end() :], ar if sure else None
            )


def _exchanges(draft: Draft) -> Iterator[Change]:
    """Two numbers of one sentence changed about, as "three killed and five injured"."""
    if len(draft.pairs) != 1:
        return
    en = draft.en
    for pattern in (DIGITS, SPELLED):
        found = [match for match in pattern.finditer(en) if _plain(en, match)]
        for first, second in itertools.pairwise(found):
            one, two = first.group(), second.group()
            if one.lower() != two.lower() and "." not in one + two:
                left, right = (two.capitalize(), one.lower()) if one[0].isupper() else (two, one)
                text = en[: first.start()] + left + en[first.end() : second.start()] + right + en[second.end() :]
                yield Change("number:exchanged", text)


def _plain(text: str, match: re.Match[str]) -> bool:
    before, after = text[max(0, match.start() - 25) : match.start()], text[match.end() :]
    said = match.group()
    return not (
        _BOUND.search(before)
        or _ABOUT.search(before)
        or _FIXED.search(before)
        or _PERCENT.match(after)
        or _SCALE.match(after)
        or (said.isdigit() and _is_year(said, before))
        or re.search(rf"{_MONTH} $", before)
        or re.match(rf" {_MONTH}", after)
        or said.lower() in ("one", "zero", "1", "0")
    )


def rounded(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """A fair rounding: within 5%, one or two figures left, and said to be one."""
    en = draft.en
    for match in DIGITS.finditer(en):
        before, after, said = en[max(0, match.start() - 25) : match.start()], en[match.end() :], match.group()
        if re.search(r"(?:,|\bwas|aged|within|after|[Oo]nly) $", before) or _TITLE.search(before):
            continue  # an age, or a name with a number in it
        if (
            not _plain(en, match)
            or value(said) < 21
            or re.match(r"\s?(mm|degrees|members)\b", after)
            or "$" in before[-1:]
        ):
            continue
        exact = value(said)
        step = 10 ** (len(str(int(exact))) - 1)
        near = min(
            (round(exact / size) * size for size in (step, step / 2, step / 10)),
            key=lambda n: abs(n - exact) > 0.05 * exact,
        )
        if near == exact or abs(near - exact) > 0.05 * exact:
            continue
        form = _shown(near)
        hedge = rng.choice(["about", "around", "nearly" if near > exact else "more than"])
        yield Change("faithful:rounded", en[: match.start()] + f"{hedge} {form}" + after, draft.ar)
    for match in re.finditer(r"(?<![\w.,])(\d+)\.(\d)(\d*)(?= (?:million|billion)\b)", en):
        near = round(float(match.group()))
        if near and abs(near - float(match.group())) <= 0.05 * near and not _BOUND.search(en[: match.start()]):
            yield Change(
                "faithful:rounded",
                f"{en[: match.start()]}about {near}{en[match.end() :]}".replace("$about ", "about $"),
                draft.ar,
            )


def _shown(number: float) -> str:
    if number >= 1_000_000:
        return f"{number / 1_000_000:.1f}".removesuffix(".0") + " million"
    return f"{int(number):,}"


def spelled(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """Words for digits, digits for words, "percent" for "%"."""
    en, found = draft.en, []
    for match in DIGITS.finditer(en):
        said, after = match.group(), en[match.end() :]
        before = en[max(0, match.start() - 25) : match.start()]
        if after.startswith("%") and not after.startswith("%-"):
            found.append(en[: match.end()] + " percent" + after[1:])
        elif (
            said.isdigit() and 2 <= int(said) <= 99 and "$" not in before[-1:] and not re.search(rf"{_MONTH} $", before)
        ) and not re.match(rf" (?:{_MONTH}|mm\b)", after):
            name = _name(int(said))
            found.append(en[: match.start()] + (name.capitalize() if not match.start() else name) + after)
    found.extend(
        en[: match.start()] + str(WORDS[match.group().lower()]) + en[match.end() :]
        for match in SPELLED.finditer(en)
        if match.start()
        and WORDS[match.group().lower()] > 2
        and not re.match(r" (?:hundred|thousand)", en[match.end() :])
    )
    rng.shuffle(found)
    yield from (Change("faithful:number-form", text, draft.ar) for text in found)


def _name(number: int) -> str:
    if number in _NAMES:
        return _NAMES[number]
    return f"{_NAMES[number - number % 10]}-{_NAMES[number % 10]}"


def dollars(draft: Draft) -> Iterator[Change]:
    """ "6 billion dollars" for "$6 billion"."""
    changed = re.sub(r"\$(\d[\d,.]*\d|\d)( million| billion)?", r"\1\2 dollars", draft.en)
    if once(draft.en, "$", "") and changed != draft.en:
        yield Change("faithful:number-form", changed, draft.ar)
