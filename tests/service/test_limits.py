"""What is refused before any work."""

import pytest

from models.errors import InputTooLong, Overloaded
from service.limits import Admission, TextLimits, check_count


def test_texts_up_to_the_limit_pass() -> None:
    limits = TextLimits(3, 5)
    limits.check_text("abc")
    limits.check_html("abcde")
    with pytest.raises(InputTooLong, match="4 characters; at most 3"):
        limits.check_text("abcd")
    with pytest.raises(InputTooLong, match="6 characters; at most 5"):
        limits.check_html("abcdef")


def test_batches_up_to_the_limit_pass() -> None:
    check_count(2, 2)
    with pytest.raises(InputTooLong, match="3 articles; at most 2"):
        check_count(3, 2)


def test_places_are_given_back_whatever_happens() -> None:
    admission = Admission(requests=1, pending_bytes=10, lanes={})

    def fail() -> None:
        with admission.receive() as ticket, admission.enter():
            ticket.hold(7)
            assert (admission.in_flight, admission.bytes) == (1, 7)
            with pytest.raises(Overloaded), admission.enter():
                pass
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (admission.in_flight, admission.bytes) == (0, 0)


def test_a_request_is_refused_unread_when_all_places_are_taken() -> None:
    admission = Admission(requests=1, pending_bytes=10, lanes={})
    admission.check()
    with admission.enter(), pytest.raises(Overloaded, match="All 1 places"):
        admission.check()


def test_bodies_share_one_budget() -> None:
    admission = Admission(requests=9, pending_bytes=10, lanes={})
    with admission.receive() as first, admission.receive() as second:
        first.hold(6)
        with pytest.raises(Overloaded):
            second.hold(5)
        second.hold(4)
    assert admission.bytes == 0
