import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text.clean import clean
from models.text.normalise import normalise
from models.text.segment import sentences, split, split_long

TRICKY = st.text(st.sampled_from('اب د.؟!…،؛:"»)( \n\t3A۔。') | st.characters(codec="utf-8"), max_size=200)
LANGUAGES = st.sampled_from(["ar", "en", "fa", "zh", "xx"])


@settings(deadline=None)
@given(TRICKY, LANGUAGES)
def test_split_loses_nothing(text: str, language: str) -> None:
    parts = split(text, language)
    assert "".join(parts) == text
    assert all(parts)


@pytest.mark.parametrize("unit", ["جملة قصيرة هنا. ", "كلمة ", "ا", "قال؛ ", "漢字。"])
def test_long_paragraphs_lose_nothing(unit: str) -> None:
    text = unit * 8_000
    assert "".join(split(text, "ar")) == text


def test_sentences_beyond_ten_kilobytes_are_still_found() -> None:
    assert len(split("أعلنت البلدية افتتاح السوق. " * 3_000, "ar")) == 3_000


# "|" marks the sentence boundaries.
@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("ar", "قال د. أحمد سالم إن النسبة 3.5 بالمئة. |وأضاف أنها سترتفع."),
        ("ar", "وصل ب.ن. إلى المدينة. |وغادر مساء."),
        ("ar", "نشر موقع العربية.نت الخبر. |ونقلته أ.ف.ب أيضا."),
        ("ar", "قال الوزير.. بعد صمت طويل.. إن الأمر انتهى."),
        ("ar", "لا حل عسكريا لها.. |وأضاف أن الحوار مستمر."),
        ("ar", "هل تنجح الخطة؟ |لا أحد يعلم!"),
        ("ar", "«لن نعود!»، هكذا قالت."),
        ("ar", 'ثم قال: "انتهى الأمر." |وذهب.'),
        ("ar", "ستنتشر العدوى في القارة. حسب قوله."),
        ("ar", "هل يرضخ للحوار؟!."),
        ("ar", "انتهى الاجتماع.|وقال الناطق إن النتائج جيدة."),
        ("ar", "قال النائب (عن الحزب. سابقا) إنه سيعود."),
        ("ar", "بلغت الكلفة 1.000.000 دينار في 25.5.2020 فقط."),
        ("en", "Mr. Hale paid 3.5 million. |He left at 5 p.m. on Sunday."),
        ("en", '"Go!" he said. |They went.'),
        ("fa", "او رفت. |آیا بازمی‌گردد؟ |شاید."),
        ("ur", "یہ ایک جملہ ہے۔ |یہ دوسرا ہے۔"),
        ("zh", "你好。|我很好！"),
        ("xx", "One. |Two."),
    ],
)
def test_boundaries(language: str, marked: str) -> None:
    assert split(marked.replace("|", ""), language) == marked.split("|")


def test_sentences_carry_their_place() -> None:
    text = "عنوان\u00a0الخبر الجديد اليوم\n\nأعلنت البلدية\u00a0 افتتاح السوق. وقالت إنها كبـيرة.\n\nوانتهى الحفل مساء."
    found = sentences(clean(text).paragraphs, "ar")
    assert [s.text for s in found] == ["أعلنت البلدية افتتاح السوق.", "وقالت إنها كبيرة.", "وانتهى الحفل مساء."]
    assert [s.paragraph for s in found] == [0, 0, 1]
    assert all(normalise(text[s.start : s.end]).text == s.text for s in found)


CLAUSES = "قال الوزير إن الخطة جاهزة، وأضاف أن العمل سيبدأ قريبا؛ فيما طلب النواب مهلة أسبوعين، وانتهت الجلسة مساء."


@settings(deadline=None)
@given(TRICKY, st.integers(1, 60), LANGUAGES)
def test_long_sentences_are_cut_without_loss(text: str, limit: int, language: str) -> None:
    parts = split_long(text, lambda part: len(part) <= limit, language)
    assert "".join(parts) == text
    assert all(0 < len(part) <= limit for part in parts)


def test_what_fits_stays_whole() -> None:
    assert split_long(CLAUSES, lambda _: True, "ar") == [CLAUSES]


def test_cuts_at_the_strongest_mark() -> None:
    parts = split_long(CLAUSES, lambda part: len(part) < 70, "ar")
    assert parts[0].endswith("؛ ")
    assert len(parts) == 2


def test_cuts_between_words_where_there_are_no_marks() -> None:
    text = "كلمة أخرى هنا " * 30
    assert all(part.split()[-1] in text.split() for part in split_long(text, lambda part: len(part) < 50, "ar"))


def test_asks_sparingly() -> None:
    asked = []
    parts = split_long("كلمة، " * 2_000, lambda part: asked.append(part) is None and len(part) <= 300, "ar")
    assert len(asked) <= 4 * len(parts)


def test_a_character_that_never_fits_is_given_back() -> None:
    assert split_long("ab", lambda _: False, "en") == ["a", "b"]
