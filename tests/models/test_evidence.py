"""Evidence: the sentences that a claim rests on, in its own language and in another; none for a claim without support."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evidence import link
from models.training.data import read_corpus

ARABIC = [
    "وصل وزير الزراعة محمد الكلموري إلى مدينة سبها صباح الأحد.",
    "وقتل 14 جنديا وأصيب ثلاثة آخرون في انفجار لغم قرب المطار.",
    "وقال البنك المركزي إنه رفع أسعار الفائدة لكبح التضخم.",
    "وأعلنت المستشفى حاجتها إلى متبرعين بالدم.",
]
ENGLISH = [
    "Agriculture minister Mohammed al-Kalmuri arrived in Sebha on Sunday morning.",
    "Fourteen soldiers were killed and three others wounded when a mine exploded near the airport.",
    "The central bank said it had raised interest rates to curb inflation.",
    "The hospital said it needed blood donors.",
]
FRENCH = ["Le ministre Dupont est arrivé à Lyon.", "Quatorze soldats ont été tués.", "La banque a relevé ses taux."]
TEXT = st.text(max_size=50) | st.text("ابتحرقكلمنوية 0123456789.،the Hfrnd", max_size=60)
LANGUAGE = st.sampled_from(["ar", "en", "fr", "fa", "zh"])
SIDES = {"ar": ARABIC, "en": ENGLISH}


def indexes(claim: str, claims_language: str, sentences: list[str], language: str) -> list[int]:
    return [found.index for found in link([claim], claims_language, sentences, language)[0]]


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize(("claim", "right"), [(claim, n) for n, claim in enumerate(ENGLISH)])
def test_a_translation_or_a_copy_rests_on_its_sentence_alone(claim: str, right: int, language: str) -> None:
    assert indexes(claim, "en", SIDES[language], language) == [right]


@pytest.mark.parametrize("right", range(4))
def test_an_arabic_claim_rests_on_its_sentence(right: int) -> None:
    assert indexes(ARABIC[right], "ar", ARABIC, "ar") == [right]


def test_a_claim_that_joins_sentences_rests_on_all_of_them() -> None:
    claim = "A mine killed 14 soldiers near the airport, and the central bank raised interest rates to curb inflation."
    assert sorted(indexes(claim, "en", ARABIC, "ar")) == [1, 2]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_claim_of_another_article_rests_on_nothing(language: str) -> None:
    claim = "The striker scored twice as his team reached the final of the cup in Cairo."
    assert indexes(claim, "en", SIDES[language], language) == []


def test_a_name_without_a_translation_is_found_by_its_consonants() -> None:
    assert indexes("Kalmuri spoke to Zubayda.", "en", ["ونام الجميع.", "وتحدث الكلموري إلى زبيدة."], "ar") == [1]


def test_of_equal_sentences_the_first_is_named() -> None:
    assert indexes(ENGLISH[2], "en", [ENGLISH[3], ENGLISH[2], ENGLISH[2]], "en") == [1]


def test_of_a_claim_and_its_original_the_better_supported_speaks() -> None:
    wrong = "Bananas grew purple."
    assert link([wrong, ENGLISH[3]], "en", ARABIC, "ar", [ARABIC[1], wrong]) == [
        link([ARABIC[1]], "ar", ARABIC, "ar")[0],
        link([ENGLISH[3]], "en", ARABIC, "ar")[0],
    ]


def test_every_claim_needs_its_original() -> None:
    with pytest.raises(ValueError, match="shorter"):
        link(["One.", "Two."], "en", ARABIC, "ar", ["واحد"])


def test_a_language_without_a_table_is_compared_by_its_own_words() -> None:
    assert indexes("Les quatorze soldats tués", "fr", FRENCH, "fr") == [1]


def test_languages_without_a_table_are_compared_by_digits_and_names() -> None:
    assert indexes("The minister Dupont went to Lyon", "en", FRENCH, "fr") == [0]
    assert indexes("soldiers were killed", "en", FRENCH, "fr") == []


def test_summaries_of_the_corpus_rest_on_sentences_of_their_own_article() -> None:
    articles = read_corpus().articles["validation"][:20]
    for language in ("ar", "en"):
        own = [link([a.summary.side(language)], language, [p.ar for p in a.sentences], "ar")[0] for a in articles]
        other = [
            link([a.summary.side(language)], language, [p.ar for p in b.sentences], "ar")[0]
            for a, b in zip(articles, articles[1:] + articles[:1], strict=True)
        ]
        assert sum(map(bool, own)) >= 19
        assert sum(map(bool, other)) <= 1


@given(st.lists(TEXT, max_size=3), LANGUAGE, st.lists(TEXT, max_size=5), LANGUAGE)
def test_any_texts_can_be_linked(claims: list[str], said: str, sentences: list[str], language: str) -> None:
    found = link(claims, said, sentences, language, claims)
    assert len(found) == len(claims)
    for links in found:
        assert len({one.index for one in links}) == len(links) <= 5
        assert all(0 <= one.index < len(sentences) and 0.0 < one.score <= 1.0 for one in links)
        assert [one.score for one in links] == sorted((one.score for one in links), reverse=True)
    assert found == link(claims, said, sentences, language, claims)
