from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text.clean import clean
from models.text.normalise import normalise

PAGES = sorted((Path(__file__).parents[2] / "fixtures/text/pages").glob("*.txt"))
SENTENCE = "وقالت البلدية في بيان إن الأعمال ستبدأ صباح الأحد وتستمر ثلاثة أسابيع في جميع أحياء المدينة القديمة."


def rows(page: Path) -> list[tuple[str, str]]:
    return [(line[:1], normalise(line[2:]).text.strip()) for line in page.read_text("utf-8").splitlines()]


def as_pasted(page: Path) -> str:
    return "\n".join(line[2:] for line in page.read_text("utf-8").splitlines())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_real_looking_pages(page: Path) -> None:
    cleaned = clean(as_pasted(page))
    assert [p.text for p in cleaned.paragraphs] == [text for kind, text in rows(page) if kind == "P"]
    assert [normalise(d.text).text for d in cleaned.dropped] == [
        text for kind, text in rows(page) if kind in "XH" and kind
    ]
    headline = [text for kind, text in rows(page) if kind == "T"]
    assert [cleaned.title.text if cleaned.title else None] == (headline or [None])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_offsets_lead_back_to_the_submitted_text(page: Path) -> None:
    text = as_pasted(page)
    cleaned = clean(text)
    for paragraph in cleaned.paragraphs:
        start, end = paragraph.origin(0, len(paragraph))
        assert normalise(text[start:end]).text == paragraph.text
    assert all(text[d.start : d.end] == d.text for d in cleaned.dropped)


def reason(line: str) -> str | None:
    """Why `line` is dropped when it stands between two sentences of prose."""
    cleaned = clean(f"{SENTENCE}\n\n{line}\n\nوأضافت أن {SENTENCE}")
    return next((d.reason for d in cleaned.dropped), None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("المصدر: رويترز", "source_line"),
        ("المصدر:الأناضول", "source_line"),
        ("متطوعون في حي الميناء (رويترز)", "caption"),
        ("متطوعون في حي الميناء (رويترز-أرشيف)", "caption"),
        ("متطوعون في حي الميناء - الأناضول", "caption"),
        ("People walk past the harbour, June 3, 2020. REUTERS/Sam Porter", "caption"),
        ("Harbour", "foreign"),
        ("إقرأ أيضاً:", "teaser"),
        ("شاهد أيضا | سفينة تعود بعد مئة عام", "teaser"),
        ("هـ.د/ ح.ز (د ب أ، رويترز)", "byline"),
        ("ليلى منصور - الجزيرة نت", "byline"),
        ("آخر تحديث: 25 مايو 2020 الساعة 10:20 (مكة المكرمة)", "timestamp"),
        ("منذ 3 ساعات", "timestamp"),
        ("بث مباشر", "furniture"),
        ("#ميناء #مدينة", "furniture"),
        ("* * *", "furniture"),
        ("https://example.org/a/b", "embed"),
        ("موقف السكان", "subheading"),
        ("لماذا الآن؟", "subheading"),
        (SENTENCE, "duplicate"),
    ],
)
def test_furniture_has_a_reason(line: str, expected: str) -> None:
    assert reason(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "المصدر الذي طلب عدم ذكر اسمه أكد الخبر.",
        "شاهد السكان ألسنة اللهب من بعيد.",
        "اشترك في الحملة 200 متطوع.",
        "صورة نشرتها البلدية أظهرت حجم الأضرار في الحي.",
        "الميناء (رويترز) - توقفت الحركة في الميناء يوم الأحد.",
        "كتب سعيد على صفحته أن الأمر انتهى.",
        "وأضاف المسؤول أن التحقيق مستمر",
        "وجاء في البيان:",
        "في 25 مايو 2020 أغلق الميناء.",
        "تم ذلك مساء الخميس.",
        "لم ينج أحد.",
        '"من يدفع الثمن؟" سأل أحد التجار.',
        "رياضة المشي تجذب الشباب.",
    ],
)
def test_prose_that_resembles_furniture_stays(line: str) -> None:
    assert reason(line) is None


def test_a_list_below_a_colon_stays() -> None:
    items = ["وتضمنت الخطة ثلاثة بنود:", "- ترميم الرصيف", "- إنارة الشارع", "- زراعة الأشجار"]
    cleaned = clean("\n".join([SENTENCE, *items, SENTENCE.replace("الأحد", "السبت")]))
    assert not cleaned.dropped


def test_a_source_pasted_onto_the_last_sentence_is_cut_off() -> None:
    cleaned = clean(f"{SENTENCE}المصدر : الجزيرة + وكالات")
    assert [p.text for p in cleaned.paragraphs] == [SENTENCE]
    assert [(d.text, d.reason) for d in cleaned.dropped] == [("المصدر : الجزيرة + وكالات", "source_line")]


def test_a_credit_behind_the_full_stop_is_cut_off() -> None:
    cleaned = clean(f"{SENTENCE} (رويترز)")
    assert [p.text for p in cleaned.paragraphs] == [SENTENCE]
    assert [d.text for d in cleaned.dropped] == ["(رويترز)"]


def test_hard_wrapped_paragraphs_are_joined() -> None:
    words = f"{SENTENCE} {SENTENCE.replace('الأحد', 'السبت')} {SENTENCE.replace('الأحد', 'الاثنين')}".split()
    lines, line = [], ""
    for word in words:
        if len(line) + 1 + len(word) > 60:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    cleaned = clean("\n".join([*lines, line]))
    assert [p.text for p in cleaned.paragraphs] == [" ".join(words)]


@pytest.mark.parametrize(
    "furniture",
    [
        "",
        " \n\u200b\n ",
        "بث مباشر\nشارك\nالمصدر: الجزيرة",
        "ليبيا\nمصر\nتونس\nالمغرب",
        "اقرأ أيضا\nسفينة تعود إلى الميناء بعد مئة عام\nالأكثر قراءة\n1\nقرية تجمع الضباب بالشباك",
        "منصة الميناء (رويترز)\n12 مايو 2020\nجميع الحقوق محفوظة",
    ],
)
def test_only_furniture_has_no_paragraphs(furniture: str) -> None:
    assert clean(furniture).paragraphs == ()


@pytest.mark.parametrize("line", ["انفجار في الميناء", "مجلس الأمن", "Hello world"])
def test_a_single_line_is_never_taken_for_furniture(line: str) -> None:
    assert [p.text for p in clean(line).paragraphs] == [line]


def test_a_given_title_is_not_repeated_in_the_text() -> None:
    cleaned = clean(f"سوق جديدة في الوادي\n\n{SENTENCE}", title="سوق جديدة في الوادي")
    assert cleaned.title is not None
    assert cleaned.title.text == "سوق جديدة في الوادي"
    assert [p.text for p in cleaned.paragraphs] == [SENTENCE]
    assert [d.reason for d in cleaned.dropped] == ["title"]


def test_a_first_sentence_is_not_a_title() -> None:
    assert clean(f"{SENTENCE}\nوأعلنت عن موعد جديد.").title is None


@settings(deadline=None)
@given(st.text(st.sampled_from('اب و.؟:()\n"«»-/|©#1\u00a0 المصدر رويترز'), max_size=300))
def test_every_letter_is_kept_or_dropped(text: str) -> None:
    cleaned = clean(text)
    covered = {i for p in cleaned.paragraphs for i in range(*p.origin(0, len(p)))}
    covered |= {i for d in cleaned.dropped for i in range(d.start, d.end)}
    if cleaned.title is not None:
        covered |= set(range(*cleaned.title.origin(0, len(cleaned.title))))
    assert {i for i, char in enumerate(text) if char.isalpha()} <= covered


@pytest.mark.timeout(120)  # what takes the square of this length takes hours
@pytest.mark.parametrize("unit", ["ا", "(", "قال ", "…\n", "- / ", "كلمة\n", '"a" ', "المصدر :", "\u200b "])
def test_a_long_text_without_a_space_or_a_sentence_is_read_to_its_end(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    cleaned = clean(text)
    kept = sum(len(paragraph) for paragraph in cleaned.paragraphs)
    assert kept + sum(line.end - line.start for line in cleaned.dropped) <= len(text)


def test_a_picture_credited_to_somebody_unknown_is_a_caption() -> None:
    prose = "انتخب السائقون يوم الأحد رئيسة جديدة للنقابة بعد سنوات من الخلاف. وقالت إنها ستبدأ العمل فورا."
    caption = "الرئيسة الجديدة تتحدث إلى السائقين بعد إعلان النتائج - صورة: ساقية للصور"
    cleaned = clean(f"{prose}\n\n{caption}\n\n{prose.replace('الأحد', 'الإثنين')}")
    assert [(line.text, line.reason) for line in cleaned.dropped] == [(caption, "caption")]
