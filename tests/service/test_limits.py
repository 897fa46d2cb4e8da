"""What is refused before any work."""

import pytest
import torch

from models import device
from models.errors import InputTooLong, Overloaded
from service.backlog import Backlog
from service.limits import Admission, TextLimits, at_once, check_count
from service.settings import Settings


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
    admission = Admission(requests=1, pending_bytes=10, lanes={"bulk": Backlog(1.0, 1)}, reading=Backlog(1.0, 1))

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
    admission = Admission(requests=1, pending_bytes=10, lanes={"bulk": Backlog(1.0, 1)}, reading=Backlog(1.0, 1))
    admission.check("/v1/brief")
    with admission.enter(), pytest.raises(Overloaded, match="All 1 places"):
        admission.check("/v1/brief")


def test_bodies_share_one_budget() -> None:
    admission = Admission(requests=9, pending_bytes=10, lanes={"bulk": Backlog(1.0, 1)}, reading=Backlog(1.0, 1))
    with admission.receive() as first, admission.receive() as second:
        first.hold(6)
        with pytest.raises(Overloaded):
            second.hold(5)
        second.hold(4)
    assert admission.bytes == 0


def test_more_is_worked_on_at_one_time_on_a_gpu_unless_the_operator_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts = []
    for kind in ("cpu", "cuda"):
        monkeypatch.setattr(device, "choose", lambda _, kind=kind: torch.device(kind))
        counts.append([at_once(number, Settings()) for number in (None, 3)])
    assert counts == [[16, 3], [64, 3]]


def test_a_device_that_there_is_not_is_told_by_others() -> None:
    assert at_once(None, Settings(device="abacus")) == 16
