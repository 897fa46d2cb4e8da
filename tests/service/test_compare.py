"""Two routes: what only one brief says, and whether the article says it; why there may be no other brief."""

import pytest

from service.compare import compare, differences
from service.drafting import Draft, Line
from tests.support.scripted import ENGLISH, FLOOD, Scripted, drafting

ARTICLE = list(FLOOD)


def draft(*texts: str) -> Draft:
    return Draft([Line(text, "model") for text in texts], range(1))


def found(first: str, other: str) -> list[tuple[str, str, str, bool]]:
    compared = differences(draft(first), draft(other), "en", ARTICLE, "ar")
    assert compared.text == other
    return [(each.kind, each.text, each.route, each.in_article) for each in compared.differences]


def test_briefs_that_say_the_same_numbers_and_names_do_not_differ() -> None:
    said = "Rain flooded three districts in Nouakchott."
    assert found(said, "In Nouakchott, 3 districts were flooded by rain.") == []


def test_what_only_one_brief_says_is_told_with_its_route_and_whether_the_article_has_it() -> None:
    first, other = "The authorities closed 35 schools in Nouakchott.", "The authorities closed 77 schools in Beirut."
    assert found(first, other) == [
        ("number", "35", "summarize-first", True),
        ("name", "Nouakchott", "summarize-first", True),
        ("number", "77", "translate-first", False),
        ("name", "Beirut", "translate-first", False),
    ]


def test_in_a_language_that_cannot_be_searched_nothing_is_said_of_the_article() -> None:
    first, other = draft("The council closed 35 schools in Geneva."), draft("The council closed 77 schools in Geneva.")
    compared = differences(first, other, "en", ["Der Rat hat fünfunddreißig Schulen in Genf geschlossen."], "de")
    assert [(each.text, each.in_article) for each in compared.differences] == [("35", None), ("77", None)]


@pytest.mark.anyio
async def test_the_other_brief_is_that_of_the_translation() -> None:
    runtime = Scripted([ARTICLE[0], "The authorities closed 77 schools."], ENGLISH)
    made = drafting(runtime)
    compared = await compare(made, await made.draft("summarize-first"))
    assert compared.text is not None
    assert compared.text.startswith("The authorities closed 77 schools.")
    assert ("77", False) in [(each.text, each.in_article) for each in compared.differences]


@pytest.mark.anyio
@pytest.mark.parametrize("languages", [("ar",), ("en",), ()])
async def test_a_route_needs_a_model_that_summarizes_its_language(languages: tuple[str, ...]) -> None:
    made = drafting(Scripted([ARTICLE[0]], languages=languages))
    compared = await compare(made, draft("A brief."))
    assert compared.text is None
    assert "No model is configured" in (compared.reason or "")
    assert compared.differences == ()
