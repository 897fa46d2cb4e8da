"""What follows from flags and from checks that could not be made."""

from models.checks.report import KINDS, Flag, Report

FLAG = Flag("number", "stands nowhere in the article", 0, 3, 5)


def test_status() -> None:
    assert Report((), KINDS, ()).status == "pass"
    assert Report((), KINDS[1:], KINDS[:1]).status == "partial"
    assert Report((FLAG,), KINDS, ()).status == "review"
    assert Report((FLAG,), KINDS[1:], KINDS[:1]).status == "review"
