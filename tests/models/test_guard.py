"""The guard: what no output may look like, and what honest ones may."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import guard
from models.guard import Fault, fault
from models.training.data import Corpus, Pair, read_corpus

SOURCE = "أعلنت الحكومة أن سكان المدينة عادوا إلى منازلهم بعد ثلاثة أيام من المطر."
SOUND = "The government said that residents of the city had returned to their homes after three days of rain."


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return read_corpus()


def kind(output: str, source: str = SOURCE, pair: tuple[str, str] = ("ar", "en")) -> str | None:
    found = fault(source, output, *pair)
    return found.kind if found else None


def test_a_sound_translation_has_no_fault() -> None:
    assert fault(SOURCE, SOUND, "ar", "en") is None


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("", "empty"),
        (" … - ", "empty"),
        (SOUND.replace("city", "salad salad salad"), "repetition"),
        (SOUND.replace("the city", "the city of the city of the city"), "repetition"),
        (SOUND.replace("city", "city city"), "repetition"),
        (SOUND.replace("rain", "raiiiiiiiin"), "repetition"),
        (SOUND.replace("rain", "Al-Zadadadadad"), "repetition"),
        (f"{SOUND} There was no wind. {SOUND}", "repetition"),
        ("The government.", "length"),
        ("The government said that residents of the city had returned to", "length"),
        (" ".join(f"{word}{number}" for number, word in enumerate(SOUND.split() * 4)), "length"),
        (SOURCE, "untranslated"),
        (SOUND.replace("rain", "المطر"), "untranslated"),
    ],
)
def test_degenerate_translations_are_found(output: str, expected: str) -> None:
    assert kind(output) == expected


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("قال: لا لا لا، لن نرحل من هنا.", 'He said: "No no no, we will not leave here."'),
        (
            "التقى بطرس بطرس غالي وفدا من الأمم المتحدة.",
            "Boutros Boutros Ghali met a delegation from the United Nations.",
        ),
        (
            "تتراوح الكلفة بين مئة ومئة وخمسين ألفا.",
            "The cost is between one hundred and one hundred and fifty thousand.",
        ),
        ("اجتمعت اللجنة العسكرية 5+5 في جنيف.", "The 5+5 military commission met in Geneva."),
        ("وكان قد أبلغ الشرطة بذلك.", "He had had the police told of it."),
        ("بلغ العدد 1000000000 في اليوم.", "The number reached 1000000000 a day."),
        ("مكتب التحقيقات الفدرالي", "FBI"),
        (
            "فيلم «The Wind That Shakes the Barley tonight again»",
            'The film "The Wind That Shakes the Barley tonight again"',
        ),
        (
            "أعلنت حكومة الوفاق الوطني مسؤوليتها عن الغارة.",
            "The Government of National Accord (Government of National Accord) claimed the raid.",
        ),
    ],
)
def test_honest_repetition_short_texts_and_quotations_pass(source: str, output: str) -> None:
    assert fault(source, output, "ar", "en") is None


def test_a_copied_sentence_is_found_where_both_languages_are_written_alike() -> None:
    french = "Le gouvernement a annoncé que les habitants étaient rentrés chez eux."
    assert kind(french, french, ("fr", "en")) == "untranslated"
    assert kind("Jean Dupont, Paris, Lyon, Marseille", "Jean Dupont, Paris, Lyon, Marseille", ("fr", "en")) is None
    assert kind(SOUND, SOUND, ("en", "ar")) == "untranslated"


def test_names_in_latin_letters_may_stand_in_an_arabic_translation() -> None:
    assert kind("أطلقت شركة OpenAI خدمة ChatGPT.", "OpenAI launched the ChatGPT service.", ("en", "ar")) is None


def test_arabic_says_one_by_one_by_saying_it_twice() -> None:
    assert kind("غسل المتطوعون الطيور واحدا واحدا.", "Volunteers washed the birds one by one.", ("en", "ar")) is None


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("عاد السكان.", None),
        (f"{SOURCE} وأضافت.", "length"),
        ("عادوا.", "length"),
        ("عاد عاد عاد السكان.", "repetition"),
        ("", "empty"),
    ],
)
def test_a_summary_is_shorter_than_its_article_and_more_than_a_word(summary: str, expected: str | None) -> None:
    assert kind(summary, SOURCE, ("ar", "ar")) == expected


def test_the_worse_fault_outweighs() -> None:
    assert Fault("empty", "").outweighs(Fault("length", "", 9.0))
    assert Fault("length", "", -2.0).outweighs(Fault("length", "", 1.0))
    assert not Fault("repetition", "", 0.1).outweighs(Fault("repetition", "", 0.1))


# ---------------------------------------------------------------- against the corpus


@pytest.mark.parametrize("pair", [("ar", "en"), ("en", "ar")])
def test_no_translation_of_the_corpus_has_a_fault(corpus: Corpus, pair: tuple[str, str]) -> None:
    source, target = pair
    pairs = random.Random(0).sample([*corpus.pairs("train"), *corpus.pairs("validation")], 2000)
    assert [found for one in pairs if (found := fault(one.side(source), one.side(target), source, target))] == []


@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_summary_of_the_corpus_has_a_fault(corpus: Corpus, language: str) -> None:
    for article in corpus.articles["validation"]:
        assert fault(article.text(language), article.summary.side(language), language, language) is None


@pytest.mark.parametrize("pair", [("ar", "en"), ("en", "ar")])
def test_the_bounds_of_length_are_the_extremes_of_the_training_pairs(corpus: Corpus, pair: tuple[str, str]) -> None:
    source, target = pair
    ratios = [len(p.side(target)) / len(p.side(source)) for p in corpus.pairs("train") if len(p.side(source)) >= 32]
    assert (round(min(ratios), 2), round(max(ratios), 2)) == guard._EXTREMES[pair]


def looped(words: list[str], rng: random.Random) -> str:
    size = rng.randint(1, 6)
    start = rng.randrange(max(1, len(words) - size))
    return " ".join(words[:start] + words[start : start + size] * rng.randint(3, 9) + words[start + size :])


def cut(words: list[str], rng: random.Random) -> str:
    return " ".join(words[: max(1, int(rng.uniform(0.1, 0.6) * len(words)))])


@pytest.mark.parametrize("spoil", [looped, cut])
def test_planted_loops_and_cuts_are_found(corpus: Corpus, spoil: Callable[[list[str], random.Random], str]) -> None:
    rng = random.Random(0)
    sentences = [pair for pair in corpus.pairs("validation") if pair.ar.endswith(".")]

    def found(pair: Pair) -> bool:
        return fault(pair.ar, spoil(pair.en.split(), rng), "ar", "en") is not None

    assert sum(map(found, sentences)) >= 0.98 * len(sentences)


@given(st.text(), st.text(), st.sampled_from(["ar", "en", "fr", "zh", "ja", "xx"]), st.sampled_from(["ar", "en"]))
def test_any_text_has_an_answer(source: str, output: str, source_language: str, target_language: str) -> None:
    found = fault(source, output, source_language, target_language)
    assert found is None or found.detail
