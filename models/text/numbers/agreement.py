"""Whether what one text says is borne out by what another says.

A number is borne out by the same number, wherever it stands in the other text and however it is written. Beyond that:

- What rounds to the digits that were said is said faithfully: "3.5 million" for 3,487,000, "39%" for 38.7%. Whole numbers
  below a thousand are never rounded: 40 is not 43.
- A number that is said to be inexact may be off if it is rounder than the other: "about 40" by a tenth, "more than 40" stands
  for 40 to 50, "fewer than 40" for 30 to 40. "About 43" is no rounder than 40 and does not agree with it. "Dozens" stands for
  20 to 100.
- "More than 40" and "fewer than 40" do not bear each other out.
- A ratio ("nine out of ten") is borne out by the part that it is, by the same ratio or by its two numbers where they are no
  ratio.
- The bounds of a range bear out what is said with either of them; a range is borne out by itself or
  by two numbers for its bounds, and a decade by a year in it.
- A percent, or a fraction, is only borne out by a percent or a fraction; a year by a year, a date by a date. Cardinals and
  ordinals bear each other out ("the 31st minute", "الدقيقة 31"), and so do a time of day and its hour.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from math import floor, inf, isclose, log10

from models.text.numbers.quantity import Quantity

# Points by which a fraction may miss a percentage: "two thirds" for 66%, "about half" for 46%.
_FRACTION = 0.7
_ABOUT_FRACTION = 5
_PLAIN = ("count", "ordinal", "score")


def agree(said: Quantity, source: Quantity) -> bool:
    """Whether `source` bears out `said`, by the rules at the top of this file."""
    if said.kind in _PLAIN and source.kind in _PLAIN:
        return _numbers_agree(said, source)
    if said.kind == "count" and source.ratio:  # "three of the seven" for "ثلاثة من سبعة"
        return said.exact and said.low in source.ratio
    if said.kind == source.kind == "percent":
        return _numbers_agree(said, source)
    if said.kind == "percent" and source.kind == "count" and source.high < 1:
        return _numbers_agree(said, _times_100(source))
    if said.kind == "count" and source.kind == "percent" and said.high < 1:
        return _numbers_agree(_times_100(said), source)
    if said.kind == source.kind and said.kind in ("year", "date"):
        within = source.low <= said.low <= said.high <= source.high
        ten_years = said.kind == "year" and said.high - said.low == 9
        return within or (ten_years and said.low <= source.low <= source.high <= said.high)
    if "date" in (said.kind, source.kind) and "ordinal" in (said.kind, source.kind):
        return said.low % 100 == source.low % 100
    if "percent" in (said.kind, source.kind):
        return _same_part(said, source)
    if {said.kind, source.kind} == {"year", "count"}:  # "in her fifties", "52"
        decade, count = (said, source) if said.kind == "year" else (source, said)
        if decade.low == count.low == count.high == decade.high:  # four digits may be a year or a count ("2018 نقطة")
            return decade.low >= 1900
        return decade.high - decade.low == 9 and decade.low <= 1900 + count.low <= 1900 + count.high <= decade.high
    if "time" in (said.kind, source.kind) and {said.kind, source.kind} <= {"time", "count", "ordinal"}:
        past = said.kind != "time" and source.low % 1 > 0  # "a quarter past ten" for "العاشرة والربع"
        return isclose(said.low % 12, floor(source.low) % 12 if past else source.low % 12, abs_tol=0.01)
    return False


def unsupported(said: Sequence[Quantity], source: Collection[Quantity]) -> list[Quantity]:
    """What of `said` nothing in `source` bears out, weak quantities aside."""
    return [quantity for quantity in said if not quantity.weak and not _borne_out(quantity, source)]


def _borne_out(said: Quantity, source: Collection[Quantity]) -> bool:
    if any(agree(said, other) for other in source):
        return True
    apart = said.ratio or said.points
    if len(apart) < 2:
        return False
    kind = "count" if said.kind == "score" or said.ratio else said.kind
    step = 1.0 if said.ratio else said.step
    bounds = [
        replace(said, low=point, high=point, kind=kind, step=step, ratio=())
        for point in apart
        if point > 1 or kind != "count"
    ]
    counts = [other for other in source if not (said.ratio and other.ratio)]
    return all(any(agree(bound, other) for other in counts) for bound in bounds)


def _same_part(said: Quantity, source: Quantity) -> bool:
    """Some parts are written like an ordinal ("third") or, in Arabic without vowel marks, like a count ("خمس": five, a fifth)."""
    if said.kind == "percent":
        said, source = source, said
        if said.kind == "count" and not (5 <= said.low <= 10):
            return False
    elif said.kind != "ordinal":
        return False
    return said.kind in _PLAIN and said.low >= 3 and any(isclose(100 / said.low, point) for point in source.points)


def _numbers_agree(said: Quantity, source: Quantity) -> bool:
    if not said.points:
        return _any_between(said.low, said.high, source.points) or (not source.points and _alike(said, source))
    if len(said.points) == 2:
        return said.points == source.points
    (point,) = said.points
    if {said.low, source.low} >= {-inf} and {said.high, source.high} >= {inf} and isclose(point, source.points[0]):
        return False  # "more than 12" for "fewer than 12"
    return any(_near(point, other, said, source) for other in source.points)


def _near(point: float, other: float, said: Quantity, source: Quantity) -> bool:
    if isclose(point, other):
        return True
    if said.is_part:
        if said.high == inf:
            return 0 <= other - point <= _room(point)
        if said.low == -inf:
            return 0 <= point - other <= _room(point)
        return abs(point - other) <= (_FRACTION if said.exact else _ABOUT_FRACTION)
    if said.exact:
        rounds = said.step > source.step and (said.step >= 1000 or source.step < 1)
        return rounds and abs(point - other) <= min(said.step / 2, abs(other) / 5) * (1 + 1e-9)
    if _unit(point) <= _unit(other):
        return False
    if said.high == inf:
        return point <= other <= point + _room(point)
    if said.low == -inf:
        return point - _room(point) <= other <= point
    return abs(point - other) <= abs(other) / 10


def _room(point: float) -> float:
    """How far "more than" and "fewer than" reach: a quarter, or one unit ("more than 100": to 200)."""
    return max(abs(point) / 4, min(_unit(point), abs(point)))


def _unit(point: float) -> float:
    """What the number is rounded to: 10 in 430, 0.1 in 3.4; by fives where it ends so: 5 in 65, 50 in 550."""
    if not point:
        return 1.0
    unit = 10.0 ** floor(log10(abs(point)))
    while unit > 1e-3 and abs(point / unit - round(point / unit)) > 1e-6:
        unit /= 10
    return unit * 5 if round(point / unit) % 5 == 0 else unit


def _any_between(low: float, high: float, points: Iterable[float]) -> bool:
    return any(low <= point <= high for point in points)


def _alike(one: Quantity, other: Quantity) -> bool:
    """Two vague words begin near the same number: "dozens" and "عشرات", not "thousands" and "tens of thousands"."""
    return max(one.low, other.low) <= 2 * min(one.low, other.low)


def _times_100(quantity: Quantity) -> Quantity:
    return replace(quantity, low=100 * quantity.low, high=100 * quantity.high, step=100 * quantity.step)
