"""Where a name stands in a text, in whatever script and spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.names import THRESHOLD, Places, exchanged, missing, replaced

SPELLINGS = {
    "قال خليفة حفتر": "Khalifa Haftar|Khalifa Hifter|Hafter",
    "معمر القذافي": "Gaddafi|Qaddafi|Kadhafi|Moammar Gadhafi",
    "عبد الفتاح السيسي": "Sisi|al-Sissi|Abdel-Fattah el-Sisi|Abd al-Fattah Al Sisi",
    "محمد قنونو": "Mohammed Gununu|Muhammad Qanunu|Mohamed Gnounou",
    "من ترهونة وسرت والزنتان": "Tarhuna|Tarhouna|Tarhunah|Sirte|Surt|Zintan|al-Zintan",
    "جماعة الحوثي": "Houthi|Huthi|Al-Houthi",
    "عبد الرحمن السديس": "Abdulrahman al-Sudais|Abdel Rahman Sudais|Abdurrahman as-Sudais",
    "يوسف المعمري": "Youssef al-Maamari|Yusuf al-Ma'mari|Yousef Mamari",
    "واشنطن وترامب وغوتيريش": "Washington|Trump|Guterres",
    "حسام الشويهدي": "Hossam al-Shuwaihdi|Husam Shwehdi",
    "الوزير لودريان": "Le Drian",
    "شي جين بينغ": "Xi Jinping",
    "مدينة ميتروفيتسا": "Mitrovica",
    "خيرونا وبالينثيا": "Girona|Palencia",
    "غرين ستريم": "Greenstream",
    "غابة سيبيرية": "Siberian",
    "سان فانسونيا وأبو الكلام": "St Vansonia|Abul Kalam",
    "الأمهرية والتونغية": "Amharic|Tongan",
}
OTHER_WORDS = {
    "القاهرة ومصر": "Cairo|Egypt|Egyptian|Egyptians",
    "الولايات المتحدة": "United States|US|U.S.|American",
    "الاتحاد الأوروبي والأمم المتحدة": "European Union|EU|United Nations|UN",
    "النمسا والمجر وألمانيا": "Austria|Hungary|Germany|German",
    "حزب الله في أبو ظبي": "Hezbollah|Hizbullah|Abu Dhabi",
    "وللمصريين": "Egyptian",
    "سودان جديد": "Sudan|Sudanese",
    "مؤسسات جنوب أفريقية": "South African",
    "مدرعتين إماراتيتي الصنع": "Emirati",
    "حكومة الوفاق": "GNA|Government of National Accord",
    "مزارعو صعدة وذمار": "Yemen|Yemeni",
}


def same(one: str, one_language: str, other: str, other_language: str) -> float:
    """How surely two spellings are one name."""
    place = Places(other, other_language).locate(one, one_language)
    return place.score if place else 0.0


def pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(arabic, name) for arabic, listed in table.items() for name in listed.split("|")]


def test_spellings_of_one_name_may_begin_with_another_vowel() -> None:
    assert same("Salam Awda", "en", "Palestinian critic Salam Odeh", "en") >= THRESHOLD
    assert not same("Salam Awda", "en", "Palestinian critic Salam Nouri", "en")


def test_a_town_points_to_its_country_only() -> None:
    assert same("Yemen", "en", "A convoy reached Dhamar.", "en") and not same(
        "Oman", "en", "A convoy reached Dhamar.", "en"
    )
    assert same("Yemen", "en", "وصلت القافلة إلى ذمار", "ar") and not same("Oman", "en", "وصلت القافلة إلى ذمار", "ar")


@pytest.mark.parametrize(("arabic", "name"), pairs(SPELLINGS))
def test_a_name_is_found_in_any_transliteration(arabic: str, name: str) -> None:
    assert same(name, "en", arabic, "ar") >= THRESHOLD


@pytest.mark.parametrize(("arabic", "name"), pairs(OTHER_WORDS))
def test_a_name_is_found_that_is_another_word_in_arabic(arabic: str, name: str) -> None:
    assert same(name, "en", arabic, "ar") >= THRESHOLD


@pytest.mark.parametrize(
    ("arabic", "name"),
    [
        ("حسن نصر", "Hussein Nasr"),
        ("المسجد", "Mosul"),
        ("خالد", "Khalil"),
        ("حمدي", "Hamdan"),
        ("نيجيري", "Nigerien"),
        ("سامي", "Samir"),
        ("طرابلس", "Benghazi"),
        ("ليبيا", "Egypt"),
        ("محمد قنونو", "Mohammed al-Mismari"),
        ("أحمد قنونو", "Mohammed Gharyani"),
        ("مصر والسودان", "Republic of Chad"),
        ("وقال بعد ذلك إن كل شيء من هنا", "Oman"),
    ],
)
def test_another_name_is_not_found(arabic: str, name: str) -> None:
    assert same(name, "en", arabic, "ar") == 0


def test_the_words_of_a_name_must_stand_near_one_another_in_one_sentence() -> None:
    assert same("Mohammed Zentani", "en", "محمد الزنتاني", "ar") > 0
    assert same("Mohammed Zentani", "en", "جاء محمد. قال الزنتاني", "ar") == 0
    assert same("Mohammed Zentani", "en", f"محمد {'كلمة ' * 9} الزنتاني", "ar") == 0


def test_the_place_is_that_of_the_name_with_what_is_joined_to_it() -> None:
    text = "اشتباكات قرب ترهونة، وقال عبد الرحمن السديس لبنغازي"
    places = Places(text, "ar")
    for name, expected in (
        ("Tarhouna", "ترهونة"),
        ("Abdulrahman al-Sudais", "عبد الرحمن السديس"),
        ("Benghazi", "لبنغازي"),
    ):
        place = places.locate(name, "en")
        assert place is not None
        assert text[place.start : place.end] == expected


def test_a_country_is_less_surely_meant_by_its_towns() -> None:
    places = Places("في بنغازي", "ar")
    exact, pointed = places.locate("Benghazi", "en"), places.locate("Libya", "en")
    assert exact is not None and pointed is not None
    assert THRESHOLD <= pointed.score < exact.score


@pytest.mark.parametrize(
    ("one", "other"), [("Haftar", "Hifter"), ("Tarhuna", "Tarhouna"), ("Kikli", "al-Kikly"), ("Egypt", "Egyptian")]
)
def test_spellings_of_the_same_script_are_matched(one: str, other: str) -> None:
    assert same(one, "en", f"They met {other} there", "en") >= THRESHOLD


def test_arabic_names_are_found_in_english_and_in_arabic() -> None:
    assert same("خليفة حفتر", "ar", "Khalifa Hifter said", "en") >= THRESHOLD
    assert same("لودريان", "ar", "minister Le Drian", "en") >= THRESHOLD
    assert same("مصر", "ar", "an Egyptian", "en") == 1
    assert same("حفتر", "ar", "لحفتر", "ar") == 1
    assert same("حفتر", "ar", "Benghazi", "en") == 0


def test_only_names_that_stand_nowhere_are_missing() -> None:
    places = Places("قال المتحدث محمد قنونو إن قوات حكومة الوفاق دخلت ترهونة", "ar")
    assert missing("GNA spokesman Mohammed Gununu says forces have entered Tarhuna.", places) == []
    wrong = missing("GNA spokesman Mohammed Gununu says forces have entered Sabha with Supreme Court judges.", places)
    assert [(mention.text, mention.start) for mention in wrong] == [("Sabha", 55)]


LATIN = st.text("abdefghiklmnorstuwyzAHKLMST", min_size=2, max_size=8).map(str.capitalize)
ARABIC = st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإئءؤ", min_size=2, max_size=8)


@given(st.lists(LATIN, min_size=1, max_size=3).map(" ".join), st.text(max_size=30), st.text(max_size=30))
def test_a_latin_name_is_found_where_it_stands_verbatim(name: str, before: str, behind: str) -> None:
    assert Places(f"{before} ... {name} , {behind}", "en").locate(name, "en") is not None


@given(st.lists(ARABIC, min_size=1, max_size=3).map(" ".join), st.text(max_size=30), st.text(max_size=30))
def test_an_arabic_name_is_found_where_it_stands_verbatim(name: str, before: str, behind: str) -> None:
    assert Places(f"{before} ، {name} ، {behind}", "ar").locate(name, "ar") is not None


@given(st.text(), st.text(), st.sampled_from(["en", "ar"]), st.sampled_from(["en", "ar"]))
def test_any_name_can_be_looked_for_in_any_text(text: str, name: str, language: str, other: str) -> None:
    place = Places(text, language).locate(name, other)
    if place is not None:
        assert 0 <= place.start < place.end <= len(text)
        assert THRESHOLD <= place.score <= 1


def test_what_writers_add_of_their_own_is_not_missing() -> None:
    places = Places("غرق قارب قبالة سواحل مصراتة.", "ar")
    assert [name.text for name in missing("A boat sank off Misrata in the Mediterranean near Malta.", places)] == [
        "Malta"
    ]


def test_a_translation_may_name_whom_its_original_only_points_to() -> None:
    said = "An official of the United Nations said that the war had closed the schools."
    pointing = "وقال مسؤول في المنظمة إن الحرب أغلقت المدارس."
    other = "وقال مسؤول في الاتحاد الأوروبي إن الحرب أغلقت المدارس."
    assert exchanged(said, "en", pointing, "ar") == []
    assert [name.text for name in exchanged(said, "en", other, "ar")] == ["United Nations"]


def test_a_body_that_no_other_stands_for_may_be_pointed_to_but_not_a_place() -> None:
    said = "Biden has demanded a withdrawal from Malta, said Rashid Dabash."
    pointing = "طالبت الإدارة الأميركية الجديدة بسحب القوات."
    other = "طالب ماكرون بسحب القوات."
    unknown = missing(said, Places(pointing, "ar"))
    assert [name.text for name in unknown] == ["Biden", "Malta", "Rashid Dabash"]
    assert [name.text for name in replaced(unknown, said, "en", pointing, "ar")] == ["Malta", "Rashid Dabash"]
    assert replaced(unknown, said, "en", other, "ar") == unknown
