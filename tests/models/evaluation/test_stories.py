"""Long articles out of the written corpus: what stands where, and whose facts count."""

import pytest

from models.evaluation.stories import built, given
from models.evaluation.texts import Row
from models.training.data import Article, Pair, read_corpus

ARTICLES = read_corpus().articles["validation"][:12]


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_story_holds_whole_articles_and_the_facts_of_those_that_are_named(language: str) -> None:
    stories = built(ARTICLES, language)
    assert {len(each) for each in stories.values()} == {len(ARTICLES)}
    for place, article in enumerate(ARTICLES):
        own = tuple(pair.side(language) for pair in article.sentences)
        gold = article.summary.side(language)
        story = {name: each[place] for name, each in stories.items()}
        assert story["alone"].sentences == own
        assert story["followed"].sentences[: len(own)] == own
        assert story["two events"].sentences[: len(own)] == own
        assert story["resumed"].sentences[0] == own[0]
        assert story["resumed"].sentences[-1] == own[-1]
        assert story["digest"].sentences == story["anywhere"].sentences
        whole = sorted(story["followed"].sentences)
        assert sorted(story["two events"].sentences) == sorted(story["digest"].sentences) == whole
        assert set(own) < set(whole)
        for name in ("alone", "followed", "resumed", "anywhere"):
            assert story[name].references == (gold,)
        for name in ("two events", "digest"):
            assert story[name].references[0].startswith(f"{gold} ")


def test_the_article_stands_anywhere_in_a_digest() -> None:
    places = {
        story.sentences.index(article.sentences[0].ar) == 0
        for story, article in zip(built(ARTICLES, "ar")["digest"], ARTICLES, strict=True)
    }
    assert places == {True, False}


def test_stories_are_the_same_every_time_and_in_both_languages() -> None:
    arabic, english = built(ARTICLES, "ar"), built(ARTICLES, "en")
    assert arabic == built(ARTICLES, "ar")
    translations = {pair.ar: pair.en for article in ARTICLES for pair in article.sentences}
    for name, stories in arabic.items():
        sides = [tuple(translations[sentence] for sentence in story.sentences) for story in stories]
        assert sides == [story.sentences for story in english[name]]


def test_the_others_in_a_story_are_those_most_like_it() -> None:
    def article(name: str, text: str) -> Article:
        return Article(name, Pair("عنوان", "Title"), (Pair(text, name),), Pair("ملخص", f"Sum {name}"))

    flood = [article(f"flood{n}", f"فيضانات السيول في المدينة {n}{n}") for n in range(4)]
    match = [article(f"match{n}", f"مباراة فريق الكرة {n}{n}") for n in range(4)]
    for story in built([flood[0], match[0], *flood[1:], *match[1:]], "en")["digest"]:
        assert len({sentence[:-1] for sentence in story.sentences}) == 1


def test_texts_of_a_file_are_taken_as_they_are() -> None:
    assert given([Row("1", "One is here. Two is there.", ("One", "Two"))], "en")[0].sentences == (
        "One is here.",
        "Two is there.",
    )
