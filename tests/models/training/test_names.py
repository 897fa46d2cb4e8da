"""Other names in the same sentences: the same ones on both sides, with what Arabic writes together with them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.data import Pair
from models.training.names import Name, names, shared, swap_names, swap_pair_names

RNG = st.randoms(use_true_random=False)
# A name that holds another ("بن علي") may change in part only.
WHOLE = [name for name in names() if shared(Pair(name.ar, name.en)) == [name]]
NAMES = st.lists(st.sampled_from(WHOLE), max_size=4, unique_by=(lambda name: name.ar, lambda name: name.en))


def known(arabic: str) -> Name:
    return next(name for name in names() if name.ar == arabic)


def kinds(arabic: str, english: str) -> set[str]:
    return {name.kind for name in names() if (name.ar, name.en) == (arabic, english)}


def swaps(pair: Pair) -> list[Pair]:
    """What becomes of a pair, over many draws, where anything does."""
    return [new for seed in range(40) if (new := swap_pair_names(pair, random.Random(seed))) != pair]


def test_the_table_is_well_formed() -> None:
    assert {name.kind for name in names()} == {"place", "given", "givenf", "family"}
    assert all(side and side == side.strip() for name in names() for side in (name.ar, name.en))
    assert len(set(names())) == len(names())


@given(NAMES, RNG)
def test_both_sides_name_the_same_and_the_other_words_stay(chosen: list[Name], rng: random.Random) -> None:
    pair = Pair("وصل " + " ثم ".join(name.ar for name in chosen), "Then " + " and ".join(name.en for name in chosen))
    swapped = swap_pair_names(pair, rng)
    arabic, english = swapped.ar.removeprefix("وصل "), swapped.en.removeprefix("Then ")
    places = list(zip(arabic.split(" ثم "), english.split(" and "), strict=True))
    assert len(places) == max(1, len(chosen))
    for place, old in zip(places, chosen, strict=False):  # a name may be of two kinds: "منصور" is given and family
        assert kinds(*place) & kinds(old.ar, old.en)
    assert len(set(places)) == len(places)


def test_a_prefix_is_kept() -> None:
    found = swaps(Pair("سافر من طرابلس وبنغازي", "He travelled from Tripoli and Benghazi"))
    for pair in found:
        first, second = pair.ar.removeprefix("سافر من ").split(" و", 1)
        english = pair.en.removeprefix("He travelled from ").split(" and ")
        assert [known(first).en, known(second).en] == english
    assert len({pair.en for pair in found}) > 10


def test_to_and_the_article_melt_together_and_come_apart_again() -> None:
    away = swaps(Pair("سافر للقاهرة", "He went to Cairo"))
    for pair in away:
        place = next(name for name in names() if f"He went to {name.en}" == pair.en)
        assert pair.ar == ("سافر لل" + place.ar[2:] if place.ar.startswith("ال") else "سافر ل" + place.ar)
    assert any("لل" in pair.ar for pair in away)
    back = [pair for pair in swaps(Pair("سافر لطرابلس", "He went to Tripoli")) if "سافر لل" in pair.ar]
    assert back
    assert not any("لال" in pair.ar for pair in back)


@pytest.mark.parametrize(
    ("arabic", "english"),
    [
        ("الجنيه المصري", "the Egyptian pound"),  # an adjective that is a family name elsewhere
        ("في طرابلس وطرابلس", "In Tripoli, Tripoli"),  # twice in the English: which is which?
        ("المنصوريون", "Mansour"),  # inside a word
        ("قال إنه سعيد", "He said he was happy"),
    ],
)
def test_what_is_no_name_on_both_sides_stays(arabic: str, english: str) -> None:
    assert not swaps(Pair(arabic, english))


def test_a_name_inside_a_longer_one_is_not_taken_for_it() -> None:
    for pair in swaps(Pair("وصل إلى الدار البيضاء", "He arrived in Casablanca")):
        assert "الدار" not in pair.ar
        assert known(pair.ar.removeprefix("وصل إلى ")).en == pair.en.removeprefix("He arrived in ")


@given(NAMES, RNG)
def test_an_article_has_the_same_new_name_wherever_it_had_the_old_one(chosen: list[Name], rng: random.Random) -> None:
    texts = [f"قالت {name.ar} اليوم" for name in chosen]
    swapped = swap_names([*texts, *texts], "ar", chosen, rng)
    assert swapped[: len(texts)] == swapped[len(texts) :]
    new = [known(text.removeprefix("قالت ").removesuffix(" اليوم")) for text in swapped]
    assert all(kinds(a.ar, a.en) & kinds(b.ar, b.en) for a, b in zip(new, chosen, strict=False))
    assert len(set(new)) == len(chosen)


def test_shared_names_stand_on_both_sides() -> None:
    pair = Pair("قال محمد المصري للجيش المصري في طرابلس", "Mohammed told the army in Tripoli, near Benghazi")
    assert {name.en for name in shared(pair)} == {"Mohammed", "Tripoli"}
