"""Other numbers in the same sentences: both sides stay translations of one another."""

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.augment import join, joined_neighbours, swap_numbers, swap_numbers_across
from models.training.data import Pair

RNG = st.randoms(use_true_random=False)
NUMBERS = st.one_of(st.integers(0, 120), st.integers(0, 10**9), st.integers(1900, 2099))


def written(number: int, grouped: bool, eastern: bool) -> str:
    text = f"{number:,}" if grouped else str(number)
    return text.translate(str.maketrans("0123456789,", "٠١٢٣٤٥٦٧٨٩٬")) if eastern else text


def values(text: str) -> list[int]:
    return sorted(int(re.sub("[,٬]", "", found)) for found in re.findall(r"\d[\d,٬]*", text))


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """A pair that has the same numbers on both sides, each in any way of writing."""
    numbers = draw(st.lists(NUMBERS, max_size=6))
    arabic = [written(n, draw(st.booleans()), draw(st.booleans())) for n in draw(st.permutations(numbers))]
    english = [written(n, draw(st.booleans()), False) for n in numbers]
    return Pair(" ".join(f"قتل {n} جنديا" for n in arabic), " ".join(f"killed {n}, and" for n in english))


@given(pairs(), RNG)
def test_both_sides_have_the_same_numbers_before_and_after(pair: Pair, rng: random.Random) -> None:
    swapped = swap_numbers(pair, rng)
    assert values(swapped.ar) == values(swapped.en)
    assert len(values(swapped.ar)) == len(values(pair.ar))


@given(pairs(), RNG)
def test_small_numbers_and_all_words_stay(pair: Pair, rng: random.Random) -> None:
    swapped = swap_numbers(pair, rng)
    for old, new in ((pair.ar, swapped.ar), (pair.en, swapped.en)):
        assert [n for n in values(old) if n <= 10] == [n for n in values(new) if n <= 10]
        assert re.sub(r"[\d,٬]+", "#", old) == re.sub(r"[\d,٬]+", "#", new)


@given(st.integers(11, 10**7), RNG)
def test_a_number_keeps_its_kind(number: int, rng: random.Random) -> None:
    new = values(swap_numbers(Pair(f"{number} شخصا", f"{number} people"), rng).en)[0]
    assert len(str(new)) == len(str(number))
    if 1900 <= number <= 2099:
        assert 1950 <= new <= 2049
    elif number % 10 == 0:
        assert new % 10 == 0
    assert new > 10


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ("انتهت المباراة 21-19", "The match ended 21-19"),
        ("بنسبة 25.5 في المئة", "by 25.5 percent"),
        ("بنسبة ٢٥٫٥ في المئة", "by 25.5 percent"),
        ("في الساعة 11:30", "at 11:30"),
        ("يوم 14/11/2020", "on 14/11/2020"),
        ("كوفيد-19", "COVID-19"),
        ("القرن 20", "the 20th century"),
        ("خمسون شخصا", "50 people"),
        ("50 شخصا من 50 بلدا", "50 people from 50 countries"),
    ],
)
def test_scores_decimals_times_dates_ordinals_and_what_only_one_side_has_stay(arabic: str, english: str) -> None:
    pair = Pair(arabic, english)
    assert all(swap_numbers(pair, random.Random(seed)) == pair for seed in range(20))


def test_each_side_keeps_its_way_of_writing() -> None:
    swapped = swap_numbers(Pair("نزح ١٢٬٥٠٠ شخص", "12,500 people fled"), random.Random(1))
    assert re.fullmatch("نزح [٠-٩]{2}٬[٠-٩]{3} شخص", swapped.ar)
    assert re.fullmatch("[0-9]{2},[0-9]{3} people fled", swapped.en)


@given(st.lists(pairs(), min_size=1, max_size=4), RNG)
def test_an_article_has_the_same_new_number_wherever_it_had_the_same_old_one(
    article: list[Pair], rng: random.Random
) -> None:
    texts = [pair.en for pair in article]
    new = swap_numbers_across([*texts, *texts], rng)
    assert new[: len(texts)] == new[len(texts) :]
    assert [len(values(text)) for text in new] == [len(values(text)) for text in texts] * 2


SENTENCES = [Pair(f"جملة {n}.", f"Sentence {n}.") for n in range(5)]


def test_neighbours_are_joined_in_order_on_both_sides() -> None:
    joined = joined_neighbours(SENTENCES, 1.0, random.Random(0))
    assert joined == [join(a, b) for a, b in pairwise(SENTENCES)]
    assert joined[0] == Pair("جملة 0. جملة 1.", "Sentence 0. Sentence 1.")


def test_a_share_of_the_neighbours_is_joined() -> None:
    joined = joined_neighbours(SENTENCES * 200, 0.15, random.Random(0))
    assert 100 < len(joined) < 200
    assert joined_neighbours(SENTENCES, 0.0, random.Random(0)) == []
    assert joined_neighbours(SENTENCES[:1], 1.0, random.Random(0)) == []
