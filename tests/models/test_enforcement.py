"""How a glossary's translations come into a translation, and how they are left out where a sentence would suffer."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.enforcement import Applied, enforce, missing, variant
from models.glossary import Entry, Glossary
from models.guard import Fault
from models.runtime import Runtime, RuntimeConfig
from models.translate import Translated

CAIRO, PREMIER = Entry("القاهرة", "Qahira"), Entry("رئيس الوزراء", "Premier")
TEXT = "وصل رئيس الوزراء إلى القاهرة مساء أمس."
PLAIN = "The prime minister arrived in Cairo yesterday evening."


def enforced(
    output: str,
    other: str,
    alone: Mapping[Entry, str] | None = None,
    entries: tuple[Entry, ...] = (CAIRO,),
    faulty: tuple[str, ...] = (),
    text: str = TEXT,
    elsewhere: frozenset[str] = frozenset(),
) -> tuple[str, tuple[Applied, ...]]:
    matches = Glossary(entries, "ar").find(text)
    judge = {output: Fault("empty", "") for output in faulty}.get
    return enforce(matches, output, other, alone or {}, judge, lambda word, match: word in elsewhere)


def test_what_the_translation_has_is_left_as_it_is() -> None:
    had = PLAIN.replace("Cairo", "QAHIRA")
    assert missing(had, Glossary([CAIRO], "ar").find(TEXT)) == []
    output, applied = enforced(had, had)
    assert (output, applied[0].way, applied[0].output) == (had, "plain", (30, 36))
    assert TEXT[applied[0].start : applied[0].end] == "القاهرة"


def test_a_variant_has_the_translation_in_the_place_of_the_term() -> None:
    glossary = Glossary([CAIRO], "ar")
    assert variant("عاد إلى القاهرة.", glossary.find("عاد إلى القاهرة.")) == "عاد إلى Qahira."
    assert variant("وبالقاهرة أيضا", glossary.find("وبالقاهرة أيضا")) == "وب Qahira أيضا"


def test_a_sound_variant_that_says_the_rest_as_before_is_taken() -> None:
    other = "The prime minister arrived at Qahira yesterday evening."
    output, applied = enforced(PLAIN, other)
    assert (output, applied[0].way) == (other, "variant")
    assert [output[slice(*one.output)] for one in applied if one.output] == ["Qahira"]


@pytest.mark.parametrize(
    "other", ["Qahira Qahira.", "Nobody knows what Qahira was about in those days.", "It was him."]
)
def test_a_variant_with_a_fault_or_of_another_content_is_not_taken(other: str) -> None:
    output, applied = enforced(PLAIN, other, {CAIRO: "Cairo."}, faulty=("Qahira Qahira.",))
    assert (output, applied[0].way) == (PLAIN.replace("Cairo", "Qahira"), "replaced")


def test_an_article_stays_before_what_is_replaced() -> None:
    output, applied = enforced(PLAIN, "", {PREMIER: "The Prime Minister", CAIRO: "Cairo"}, (PREMIER, CAIRO))
    assert output == "The Premier arrived in Qahira yesterday evening."
    assert [(one.way, output[slice(*one.output)]) for one in applied if one.output] == [
        ("replaced", "Premier"),
        ("replaced", "Qahira"),
    ]


def test_the_only_words_that_differ_between_both_translations_are_what_renders_the_term() -> None:
    output, applied = enforced(PLAIN.replace("Cairo", "Kairoah"), PLAIN.replace("Cairo", "Qahrah"), {CAIRO: "Cairo"})
    assert (output, applied[0].way) == (PLAIN.replace("Cairo", "Qahira"), "replaced")


@pytest.mark.parametrize("plain", [PLAIN.replace("Cairo", "town"), f"{PLAIN} Cairo was quiet."])
def test_what_cannot_be_told_for_sure_is_left_and_said(plain: str) -> None:
    output, applied = enforced(plain, "Something else was said.", {CAIRO: "Cairo"})
    assert output == plain
    assert (applied[0].way, applied[0].output) == ("none", None)
    assert applied[0].reason


def test_a_replacement_that_the_guard_finds_fault_with_is_taken_back() -> None:
    output, applied = enforced(PLAIN, "", {CAIRO: "Cairo"}, faulty=("", PLAIN.replace("Cairo", "Qahira")))
    assert (output, applied[0].way) == (PLAIN, "none")


WORDS = st.lists(
    st.sampled_from(["Cairo", "the", "Qahira", "Premier", "minister", "prime", "in", "."]), max_size=8
).map(" ".join)


@given(WORDS, WORDS, WORDS, WORDS)
def test_offsets_point_at_the_terms_whatever_was_decoded(output: str, other: str, cairo: str, premier: str) -> None:
    alone = {CAIRO: cairo, PREMIER: premier}
    written, applied = enforced(output, other, alone, (CAIRO, PREMIER))
    assert [one.entry for one in applied] == [PREMIER, CAIRO]
    for one in applied:
        assert (one.output is None) == (one.way == "none") == bool(one.reason)
        if one.output:
            assert written[slice(*one.output)].casefold() == one.entry.target.casefold()


# ---------------------------------------------------------------- with the sample translator


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def runtime() -> AsyncIterator[Runtime]:
    runtime = Runtime(RuntimeConfig(models="sample", root=Path("weights"), threads=1))
    runtime.start()
    yield runtime
    runtime.close()


async def translated(runtime: Runtime, texts: list[str], glossary: Glossary | None) -> list[Translated]:
    async with runtime.translator("ar", "en") as translator:
        return await translator.translate(texts, runtime.work(), glossary)


@pytest.mark.anyio
async def test_the_sample_translator_uses_the_names_it_is_given(runtime: Runtime) -> None:
    texts = ["أعلنت الحكومة في القاهرة عن خطة جديدة.", "سقط مطر غزير على المدينة.", ""]
    plain = await translated(runtime, texts, None)
    cairo, rain, blank = await translated(runtime, texts, Glossary([CAIRO], "ar"))
    assert [cairo.text[slice(*one.output)] for one in cairo.applied if one.output] == ["Qahira"]
    assert cairo.text != plain[0].text
    assert [rain, blank] == plain[1:]


def test_words_that_render_more_than_the_term_are_not_written_over() -> None:
    plain, other = "The municipality's spokesman said so.", "The authority said so."
    town = Entry("البلدية", "Town Hall")
    text = "قال المتحدث باسم البلدية ذلك."
    assert enforced(plain, other, entries=(town,), text=text)[0] == "The Town Hall said so."
    output, applied = enforced(plain, other, entries=(town,), text=text, elsewhere=frozenset({"spokesman"}))
    assert (output, applied[0].way) == (plain, "none")
