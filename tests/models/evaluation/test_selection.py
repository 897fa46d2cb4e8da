"""What of a summary's facts a window holds."""

import pytest

from models.evaluation.selection import score
from models.evaluation.stories import Story
from models.extract import window

STORY = Story(
    "1",
    (
        "The council met on Sunday morning.",
        "Members drank their coffee slowly outside.",
        "Chairs were carried into the hall.",
        "Mayor Salem opened 12 new schools.",
    ),
    ("Mayor Salem opened 12 schools.",),
)
PLAIN = Story("2", ("Rain fell.", "Wind blew."), ("Rain fell.",))


def test_what_the_window_misses_of_the_facts_lowers_its_figures() -> None:
    systems = score([STORY], 0.5)
    assert list(systems) == ["head", "whole head", "window", "oracle"]
    head, oracle = systems["head"], systems["oracle"]
    assert {kind: head[kind].value for kind in head} == {
        "words": 0,
        "pairs": 0,
        "figures": 0,
        "best": 0,
        "read": 50,
        "over head": 0,
    }
    assert {kind: oracle[kind].value for kind in oracle} == {
        "words": 100,
        "pairs": 100,
        "figures": 100,
        "best": 100,
        "read": 50,
        "over head": 100,
    }


def test_facts_that_the_article_does_not_state_count_for_nothing() -> None:
    invented = Story("1", STORY.sentences, ("The council met on Sunday, said 99 ministers of Ruritania.",))
    head = score([invented], 0.25)["head"]
    assert head["words"].value == pytest.approx(100)
    assert "figures" not in head


def test_a_head_is_cut_in_mid_sentence_and_such_a_sentence_is_not_read() -> None:
    head = score([STORY], 20 / 24)["head"]
    assert 0 < head["words"].value < 100
    assert (head["best"].value, head["read"].value) == (0, 75)
    whole = score([STORY], 20 / 24)["whole head"]
    assert whole["read"].value == 75
    assert whole["words"].value < head["words"].value
    assert whole["over head"].value == pytest.approx(whole["words"].value - head["words"].value)


def test_room_for_all_holds_all() -> None:
    for scores in score([STORY, PLAIN], 1.0).values():
        assert all(value.value == 100 for kind, value in scores.items() if kind != "over head")


def test_the_reference_that_is_served_best_counts() -> None:
    both = Story("1", STORY.sentences, ("Chairs in the hall", "The council met"))
    assert score([both], 0.25)["head"]["words"].value == pytest.approx(100)


def test_the_window_is_the_summarizers() -> None:
    lengths = [len(sentence.split()) for sentence in STORY.sentences]
    read = window(STORY.sentences, lengths, round(0.5 * sum(lengths)))
    assert score([STORY], 0.5)["window"]["read"].value == 100 * len(read) / len(lengths)
