"""Consonants of names: the spellings of one name in two scripts meet, other names do not."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.skeleton import skeleton, skeletons

NAMES = [
    ("Haftar", "حفتر"),
    ("Mismari", "المسماري"),
    ("Gununu", "قنونو"),
    ("Qanunu", "قنونو"),
    ("Bashagha", "باشاغا"),
    ("Tarhuna", "وترهونة"),
    ("Putin", "لبوتين"),
    ("Zelenskyy", "زيلينسكي"),
    ("Müller", "مولر"),
]


@pytest.mark.parametrize(("latin", "arabic"), NAMES)
def test_two_spellings_of_a_name_have_the_same_consonants(latin: str, arabic: str) -> None:
    assert skeleton(latin) in skeletons(arabic)


@pytest.mark.parametrize(("latin", "arabic"), [("Sarraj", "حفتر"), ("Putin", "بايدن"), ("Tripoli", "ترهونة")])
def test_other_names_have_others(latin: str, arabic: str) -> None:
    assert skeleton(latin) not in skeletons(arabic)


@given(st.text(max_size=30))
def test_any_text_has_a_skeleton_without_repeats(text: str) -> None:
    bones = skeleton(text)
    assert set(bones) <= set("bdfklmnrst")
    assert all(a != b for a, b in pairwise(bones))
