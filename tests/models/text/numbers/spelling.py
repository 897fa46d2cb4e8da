"""Numbers spelled out by the rules of grammar, written apart from the reader so that each can be wrong without the other."""

from typing import Literal

Gender = Literal["masculine", "feminine"]
Case = Literal["nominative", "oblique"]

MASCULINE = ["", "واحد", "", "ثلاثة", "أربعة", "خمسة", "ستة", "سبعة", "ثمانية", "تسعة", "عشرة"]
FEMININE = ["", "واحدة", "", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثماني", "تسع", "عشر"]
TENS = ["", "", "عشر", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثمان", "تسع"]
HUNDREDS = ["", "", "", "ثلاث", "أربع", "خمس", "ست", "سبع", "ثمان", "تسع"]
SCALES = [(10**9, "مليار", "مليارات"), (10**6, "مليون", "ملايين"), (10**3, "ألف", "آلاف")]


def arabic(number: int, gender: Gender, case: Case, hundred: str = "مئة") -> str:
    """The number in words, agreeing with a counted noun of that gender, in that case."""
    if number == 0:
        return "صفر"
    groups = []
    for scale, singular, plural in SCALES:
        many, number = divmod(number, scale)
        if many:
            groups.append(_arabic_scale(many, singular, plural, case, hundred))
    if number:
        groups.append(_arabic_small(number, gender, case, hundred))
    return " و".join(groups)


def _arabic_scale(many: int, singular: str, plural: str, case: Case, hundred: str) -> str:
    if many == 1:
        return singular
    if many == 2:
        return singular + ("ان" if case == "nominative" else "ين")
    words = _arabic_small(many, "masculine", case, hundred, before_noun=True)
    last = many % 100
    if 3 <= last <= 10:
        return f"{words} {plural}"
    return f"{words} {singular}ا" if last >= 11 else f"{words} {singular}"


def _arabic_small(number: int, gender: Gender, case: Case, hundred: str, before_noun: bool = False) -> str:
    hundreds, rest = divmod(number, 100)
    parts = []
    if hundreds == 1:
        parts.append(hundred)
    elif hundreds == 2:
        dual = hundred[:-1] + ("تان" if case == "nominative" else "تين")
        parts.append(dual[:-1] if before_noun and not rest else dual)  # the noon falls before a genitive
    elif hundreds:
        parts.append(HUNDREDS[hundreds] + hundred)
    if rest:
        parts.append(_arabic_below_100(rest, gender, case))
    return " و".join(parts)


def _arabic_below_100(number: int, gender: Gender, case: Case) -> str:
    units = MASCULINE if gender == "masculine" else FEMININE
    ending = "ان" if case == "nominative" else "ين"
    if number == 2:
        return ("اثن" if gender == "masculine" else "اثنت") + ending
    if number <= 10:
        return units[number]
    ten = "عشر" if gender == "masculine" else "عشرة"
    if number == 11:
        return f"{'أحد' if gender == 'masculine' else 'إحدى'} {ten}"
    if number == 12:
        return f"{'اثن' if gender == 'masculine' else 'اثنت'}{ending[:-1]} {ten}"
    if number < 20:
        return f"{units[number - 10]} {ten}"
    tens, unit = divmod(number, 10)
    decade = TENS[tens] + ("ون" if case == "nominative" else "ين")
    return f"{_arabic_below_100(unit, gender, case)} و{decade}" if unit else decade


ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
ENGLISH += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
ENGLISH_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def english(number: int, with_and: bool = True) -> str:
    """The number in words, with the British "and" or without."""
    if number < 20:
        return ENGLISH[number]
    if number < 100:
        tens, unit = divmod(number, 10)
        return ENGLISH_TENS[tens] + (f"-{ENGLISH[unit]}" if unit else "")
    for scale, word in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= scale:
            many, rest = divmod(number, scale)
            link = " and " if with_and and 0 < rest < 100 else " "
            return f"{english(many, with_and)} {word}" + (link + english(rest, with_and) if rest else "")
    raise AssertionError(number)
