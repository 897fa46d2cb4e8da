"""The histogram of sentence lengths is the corpus's, and drawing from it is repeatable."""

from models.benchmark import lengths


def test_the_shipped_histogram_is_that_of_the_corpus() -> None:
    shipped, counted = lengths.read(), lengths.count()
    assert shipped.corpus == counted.corpus
    assert shipped.counts == counted.counts
    assert shipped.digest == counted.digest


def test_the_digest_is_that_of_the_counts_alone() -> None:
    one = lengths.Histogram("a", {(3, 4): 2, (5, 6): 1})
    assert one.digest == lengths.Histogram("b", {(5, 6): 1, (3, 4): 2}).digest
    assert one.digest != lengths.Histogram("a", {(3, 4): 1, (5, 6): 1}).digest


def test_drawing_is_repeatable_and_follows_the_counts() -> None:
    histogram = lengths.Histogram("", {(3, 4): 999, (5, 6): 1})
    drawn = histogram.draw(200)
    assert drawn == histogram.draw(200)
    assert drawn != lengths.read().draw(200)
    assert drawn.count((3, 4)) > 190
