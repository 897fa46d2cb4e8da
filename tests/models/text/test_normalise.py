import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text.normalise import fold, normalise

ANY_TEXT = st.text(
    st.characters(codec=None) | st.sampled_from("\u00a0\u200b\u0640\ufefb\u0654\u200c\ud800\x00\r\n\t أهـ")
)


@pytest.mark.parametrize(
    ("submitted", "expected"),
    [
        ("قبل\u00a0عام", "قبل عام"),
        ("كلمة  \t كلمة", "كلمة كلمة"),
        ("فاغـنر", "فاغنر"),
        ("عمان ـ القدس", "عمان - القدس"),
        ("عام 1441هـ", "عام 1441هـ"),
        ("\ufefb \ufee3\ufecc", "لا مع"),
        ("\ufeffنص\u200f\u202c\u200b", "نص"),
        ("a\x00b\ud800c\x1b", "abc"),
        ("ا\u0654حمد", "أحمد"),
        ("cafe\u0301", "café"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("كلمة\u200c ثانية", "كلمة ثانية"),
        ("سطر\r\nسطر\u2028سطر", "سطر\nسطر\nسطر"),
        ("ＡＢ１", "AB1"),
    ],
)
def test_repairs_the_encoding(submitted: str, expected: str) -> None:
    assert normalise(submitted).text == expected


@pytest.mark.parametrize("prose", ["والعَتاد أمَّنت إلى ى ي ة ه ٣٫٥ ۵", "½ ² ，。？", "गाँव के लोग", "👩‍🚀 ✌️", "naïve Ærø"])
def test_leaves_letters_digits_and_signs_alone(prose: str) -> None:
    assert normalise(prose).text == prose


@settings(deadline=None)
@given(ANY_TEXT, st.integers(0, 100))
def test_every_character_knows_its_origin(text: str, start: int) -> None:
    mapped = normalise(text, start)
    assert len(mapped.text) == len(mapped.starts) == len(mapped.ends)
    for i in range(len(mapped)):
        begin, end = mapped.origin(i, i + 1)
        assert start <= begin < end <= start + len(text)
    assert list(mapped.starts) == sorted(mapped.starts)


@settings(deadline=None)
@given(ANY_TEXT)
def test_nothing_invisible_is_left(text: str) -> None:
    plain = normalise(text).text
    assert not set(plain) & set("\x00\u00a0\u200b\u200e\u200f\ufeff\r\t\ufefb")
    plain.encode("utf-8")  # no half characters


def test_slices_and_strip_keep_the_origin() -> None:
    mapped = normalise(" \u00a0فاغـنر  الروسية ", 100)
    stripped = mapped.strip()
    assert stripped.text == "فاغنر الروسية"
    assert stripped.origin(0, 5) == (102, 108)
    assert stripped[6:].text == "الروسية"
    assert stripped[6:].origin(0, 7) == (110, 117)


def test_an_empty_range_has_no_origin() -> None:
    with pytest.raises(ValueError, match="not a range"):
        normalise("نص").origin(1, 1)


def test_fold_levels_what_writers_vary() -> None:
    assert fold("إقرأ  أيضاً") == fold("اقرا ايضا")
    assert fold("منبع خبرگزاری") == fold("منبع خبرگزاري")
    assert fold("SOURCE") == "source"
