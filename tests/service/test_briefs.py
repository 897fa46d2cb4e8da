"""The recipe of a brief over real (random) models: routes, languages, origins, offsets, provenance."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models import errors
from models.catalog import Catalog
from models.glossary import Entry, Glossary
from models.runtime import Runtime
from service.batch import settle_all
from service.briefs import make_brief, make_summary, make_translation
from service.limits import TextLimits
from service.schemas.briefs import Article, Brief, BriefOptions, FailedItem
from tests.support import checkpoints, runtimes

pytestmark = pytest.mark.anyio

NAMED = Glossary([Entry("نواكشوط", "Nuakchot")], "")
LIMITS = TextLimits(article_chars=20_000, html_chars=200_000)
SAMPLES = Path(__file__).parents[2] / "models" / "sample" / "articles"
ARABIC = (SAMPLES / "01-floods.txt").read_text(encoding="utf-8")
OTHERS = {
    code: (SAMPLES / "multilingual" / f"{code}.txt").read_text(encoding="utf-8") for code in ("fr", "tr", "fa", "th")
}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """Arabic, French and Persian have weights, Turkish has none."""
    root = runtimes.write(tmp_path_factory.mktemp("weights"), "ar-en", "fr-en", "iir-en", "xlsum")
    with runtimes.running(root) as started:
        yield started


async def brief(runtime: Runtime, text: str, **options: object) -> Brief:
    return await make_brief(runtime, Article(text=text), BriefOptions(**options), limits=LIMITS)


async def test_a_brief_says_what_it_is_made_of(runtime: Runtime) -> None:
    made = await brief(runtime, ARABIC, translation=True)
    assert made.source_language.code == "ar"
    assert made.title is not None
    assert made.brief == " ".join(sentence.text for sentence in made.sentences)
    assert made.brief_source == " ".join(sentence.source for sentence in made.sentences if sentence.source)
    assert 0 < made.coverage.sentences_read <= made.coverage.sentences_total == 13
    assert {line.reason for line in made.dropped}
    assert made.provenance.route == "summarize-first"
    assert {model.job for model in made.provenance.models} == {"translate", "summarize"}
    assert made.provenance.notice is None
    assert (made.provenance.engine, made.provenance.dtype, made.provenance.vocabulary) == ("mujaz", "float32", [])
    assert made.timing_ms.keys() >= {"read", "summarize", "translate", "total"}


async def test_offsets_point_into_the_submitted_text(runtime: Runtime) -> None:
    made = await brief(runtime, ARABIC, translation=True)
    assert made.translation is not None
    for sentence in made.translation.sentences:
        assert ARABIC[sentence.start : sentence.end].split() == sentence.source.split()


@pytest.mark.parametrize("most", [1, 3, 5])
async def test_sentences_is_a_maximum(runtime: Runtime, most: int) -> None:
    assert 1 <= len((await brief(runtime, ARABIC, sentences=most)).sentences) <= most


async def test_translate_first_summarizes_the_translation(runtime: Runtime) -> None:
    made = await brief(runtime, ARABIC, route="translate-first", sentences=5)
    assert made.provenance.route == "translate-first"
    sources = {sentence.source for sentence in made.sentences if sentence.origin == "extract"}
    assert all(source and source in ARABIC for source in sources)
    assert all(sentence.source is None for sentence in made.sentences if sentence.origin == "model")


async def test_with_a_vocabulary_for_english_alone_the_article_is_translated_first(tmp_path: Path) -> None:
    root = runtimes.write(tmp_path, "ar-en", "xlsum")
    with runtimes.running(root, vocabulary=("en",)) as restricted:
        made = await brief(restricted, ARABIC)
    assert made.provenance.route == "translate-first"
    assert made.provenance.vocabulary == ["en"]
    assert {model.job for model in made.provenance.models} == {"translate", "summarize"}


async def test_a_text_in_the_target_language_is_not_translated(runtime: Runtime) -> None:
    text = "The minister said the school will open soon. " * 3 + "The city council approved the new budget on Monday."
    made = await brief(runtime, text, translation=True)
    assert made.source_language.code == "en"
    assert {model.job for model in made.provenance.models} == {"summarize"}
    assert made.translation is None


async def test_every_language_goes_through_its_own_pair_and_a_missing_one_is_its_articles_error(
    runtime: Runtime,
) -> None:
    articles = {"ar": ARABIC, **OTHERS}
    options = BriefOptions()
    answers = await settle_all(
        (code, make_brief(runtime, Article(id=code, text=text), options, limits=LIMITS))
        for code, text in articles.items()
    )
    outcome = dict(zip(articles, answers, strict=True))
    catalog = Catalog.load()
    for code in ("ar", "fr", "fa"):
        made = outcome[code]
        assert isinstance(made, Brief), made
        assert made.source_language.code == code
        assert catalog.translator(code, "en").repo in {model.id for model in made.provenance.models}
        assert catalog.get("xlsum").repo in {model.id for model in made.provenance.models}
    for code, wanted in (("tr", "weights_missing"), ("th", "pair_unsupported")):
        failed = outcome[code]
        assert isinstance(failed, FailedItem)
        assert failed.error.code == wanted
    assert "mujaz models pull" in outcome["tr"].error.message
    assert "from th" in outcome["th"].error.message


async def test_adding_a_pair_is_adding_a_table(tmp_path: Path) -> None:
    table = tmp_path / "catalog.toml"
    table.write_text(
        """
        [ar-en]
        job = "translate"
        family = "marian"
        size = "default"
        sources = ["ar"]
        targets = ["en"]
        repo = "someone/ar-en"
        licence = "Apache-2.0"
        commercial = true
        limits = { max_tokens = 64, max_new_tokens = 64, beams = 1 }

        [th-en]
        job = "translate"
        family = "marian"
        size = "default"
        sources = ["th"]
        targets = ["en"]
        repo = "someone/th-en"
        licence = "Apache-2.0"
        commercial = true
        limits = { max_tokens = 64, max_new_tokens = 64, beams = 1 }
        """,
        encoding="utf-8",
    )
    catalog = Catalog.load(table)
    root = runtimes.write(tmp_path, "ar-en", "th-en", catalog=catalog)
    with runtimes.running(root, catalog) as runtime:
        made = await brief(runtime, OTHERS["th"])
        assert made.source_language.code == "th"
        assert [model.id for model in made.provenance.models] == ["someone/th-en"]
        assert made.method == "extract"


async def test_a_language_that_no_model_summarizes_is_translated_first(tmp_path: Path) -> None:
    root = runtimes.write(tmp_path, "ar-en", "de-en", "xlsum")
    german = "Der Minister eröffnete am Montag die neue Schule in der Stadt. Die Stadt plant weitere Schulen für das Jahr 2027."
    with runtimes.running(root) as runtime:
        made = await brief(runtime, german)
    assert made.source_language.code == "de"
    assert made.provenance.route == "translate-first"


async def test_a_summarizer_of_ones_own_is_given_by_its_folder(tmp_path: Path) -> None:
    root = runtimes.write(tmp_path / "weights", "ar-en")
    checkpoints.mt5(tmp_path / "mine", checkpoints.TINY_MT5)
    with runtimes.running(root, summarizer=str(tmp_path / "mine")) as runtime:
        made = await brief(runtime, ARABIC)
        assert [status.state for status in runtime.describe() if status.job == "summarize"][-1] == "loaded"
    assert "mine" in {model.id for model in made.provenance.models if model.job == "summarize"}


@pytest.mark.parametrize("name", ["nowhere", "ar-en"])
def test_a_summarizer_that_is_none_is_refused_at_once(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="summarizer"), runtimes.running(tmp_path, summarizer=name):
        pass


async def test_without_a_summarizer_the_brief_is_an_extract_and_says_so(tmp_path: Path) -> None:
    root = runtimes.write(tmp_path, "ar-en")
    with runtimes.running(root, summarizer="extract") as runtime:
        made = await brief(runtime, ARABIC)
    assert made.method == "extract"
    assert {sentence.origin for sentence in made.sentences} == {"extract"}
    assert len(made.sentences) == 3
    assert all(sentence.source in ARABIC for sentence in made.sentences if sentence.source)


async def test_each_bad_article_has_its_own_error_and_its_neighbours_their_briefs(runtime: Runtime) -> None:
    articles = {
        "good": Article(text=ARABIC),
        "empty": Article(text=""),
        "blank": Article(text=" \u200f\n"),
        "long": Article(text="أعلن الوزير قرارا جديدا. " * 2_000),
        "thai": Article(text=OTHERS["th"]),
        "nested": Article(html="<div>" * 10_000 + "نص" + "</div>" * 10_000),
        "furniture": Article(text="اقرأ أيضا\nالمصدر : وكالات\nشارك"),
        "digits": Article(text="1 2 3 4 5"),
        "again": Article(text=ARABIC),
    }
    answers = await settle_all(
        (name, make_brief(runtime, article, BriefOptions(), limits=LIMITS)) for name, article in articles.items()
    )
    codes = [answer.error.code if isinstance(answer, FailedItem) else "ok" for answer in answers]
    assert codes == [
        "ok", "empty_text", "empty_text", "too_long", "pair_unsupported", "markup_too_deep", "no_prose",
        codes[7], "ok",
    ]  # fmt: skip
    assert codes[7] in ("no_prose", "language_unknown")


async def test_an_article_of_words_too_short_to_weigh_still_has_a_brief(tmp_path: Path) -> None:
    root = runtimes.write(tmp_path, "ar-en")
    with runtimes.running(root, summarizer="extract") as runtime:
        made = await make_brief(
            runtime, Article(text="هو لم ير. هي لم تر.", source="ar"), BriefOptions(), limits=LIMITS
        )
    assert [sentence.source for sentence in made.sentences] == ["هو لم ير."]


async def test_html_is_extracted_and_its_text_returned(runtime: Runtime) -> None:
    page = (SAMPLES / "07-school-football.html").read_text(encoding="utf-8")
    made = await make_brief(runtime, Article(html=page), BriefOptions(translation=True), limits=LIMITS)
    assert made.text is not None
    assert made.translation is not None
    assert all(made.text[s.start : s.end].split() == s.source.split() for s in made.translation.sentences)


async def test_a_translation_leaves_nothing_out(runtime: Runtime) -> None:
    text = "المصدر : وكالات\nأعلن الوزير قرارا جديدا. وقال إن المدرسة ستفتح قريبا."
    made = await make_translation(runtime, Article(text=text), "en", limits=LIMITS)
    assert [sentence.source for sentence in made.sentences] == [
        "المصدر : وكالات", "أعلن الوزير قرارا جديدا.", "وقال إن المدرسة ستفتح قريبا.",
    ]  # fmt: skip


async def test_a_summary_is_in_the_articles_language(runtime: Runtime) -> None:
    made = await make_summary(runtime, Article(text=ARABIC), 3, limits=LIMITS)
    assert {model.job for model in made.provenance.models} == {"summarize"}
    assert made.source_language.code == "ar"


async def test_the_source_may_be_named(runtime: Runtime) -> None:
    with pytest.raises(errors.PairUnsupported):
        await make_brief(runtime, Article(text=ARABIC, source="sw"), BriefOptions(target="ar"), limits=LIMITS)


async def test_what_random_models_write_is_given_up_and_the_brief_is_an_extract(runtime: Runtime) -> None:
    made = await brief(runtime, ARABIC, translation=True)
    assert made.method == "extract"
    assert {repair.action for repair in made.checks.repairs} <= {"replaced", "decoded-again"}
    replaced = [repair for repair in made.checks.repairs if repair.action == "replaced"]
    assert replaced
    assert all(repair.reasons for repair in made.checks.repairs)
    assert made.checks.status == "review", "the random translator's sentences are no translations"
    assert made.coverage.sentences_read == made.coverage.sentences_total
    assert {model.job for model in made.provenance.models} == {"translate", "summarize"}, "all that had a part"
    assert made.translation is not None
    assert all(sentence.doubt for sentence in made.translation.sentences)


async def test_evidence_and_flags_point_at_what_they_say(runtime: Runtime) -> None:
    made = await brief(runtime, ARABIC)
    for number, sentence in enumerate(made.sentences):
        assert all(ARABIC[found.start : found.end].split() == found.text.split() for found in sentence.evidence)
        assert all(0 <= flag.start <= flag.end <= len(sentence.text) for flag in sentence.flags)
        assert sentence.flags == [flag for flag in made.checks.flags if flag.sentence == number]
    assert made.title is not None
    assert made.title.flags == [flag for flag in made.checks.flags if flag.sentence is None]


async def test_what_the_checks_and_their_repairs_take_is_told_once(runtime: Runtime) -> None:
    timing = dict((await brief(runtime, ARABIC, route="both")).timing_ms)
    total = timing.pop("total")
    assert timing.keys() == {"read", "summarize", "extract", "translate", "check"}
    assert sum(timing.values()) <= total + 1


async def test_an_answer_survives_json(runtime: Runtime) -> None:
    made = await make_brief(
        runtime, Article(text=ARABIC), BriefOptions(route="both", translation=True), NAMED, limits=LIMITS
    )
    assert Brief.model_validate_json(made.model_dump_json()) == made


async def test_both_routes_give_one_brief_and_its_comparison(runtime: Runtime) -> None:
    made = await brief(runtime, ARABIC, route="both")
    assert made.provenance.route == "both"
    assert made.comparison is not None
    assert made.comparison.route == "translate-first"
    assert made.comparison.brief
    assert made.translation is None
    alone = await brief(runtime, ARABIC)
    assert (alone.comparison, alone.brief) == (None, made.brief)


async def test_where_there_is_one_route_only_the_comparison_says_why(tmp_path: Path, runtime: Runtime) -> None:
    english = await brief(runtime, "The minister said the school will open soon. " * 3, route="both")
    assert english.comparison is not None
    assert english.comparison.brief is None
    assert "nothing to translate first" in (english.comparison.reason or "")
    assert english.provenance.route == "summarize-first"
    with runtimes.running(runtimes.write(tmp_path, "ar-en"), summarizer="extract") as without:
        extract = await brief(without, ARABIC, route="both")
    assert extract.comparison is not None
    assert "No model is configured that summarizes the language ar" in (extract.comparison.reason or "")


async def test_the_glossarys_uses_are_told_once_with_their_places(runtime: Runtime) -> None:
    made = await make_brief(runtime, Article(text=ARABIC), BriefOptions(translation=True), NAMED, limits=LIMITS)
    assert made.provenance.glossary_sha256 == NAMED.digest
    places = [(use.source_text, use.source_start, use.translation) for use in made.glossary]
    assert len(places) == len(set(places)) >= 2, "the title and the first sentence name the city"
    for use in made.glossary:
        assert use.source_text[use.source_start : use.source_end] == "نواكشوط"
        if use.applied:
            assert use.translation[use.start : use.end].casefold() == "nuakchot"
        else:
            assert use.reason


async def test_an_article_that_is_not_translated_has_no_glossary_in_force(runtime: Runtime) -> None:
    text = "The minister said the school will open soon. The city council approved the new budget on Monday."
    made = await make_brief(runtime, Article(text=text), BriefOptions(), NAMED, limits=LIMITS)
    assert (made.glossary, made.provenance.glossary_sha256) == ([], None)
