"""The error table is complete, and failed items say no more than the error does."""

import inspect

import pytest

from models import errors
from models.errors import MujazError
from service.errors import TABLE, Exit, failed, row

CLASSES = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, MujazError)]


@pytest.mark.parametrize("kind", CLASSES)
def test_every_domain_error_has_a_row(kind: type[MujazError]) -> None:
    assert kind in TABLE


def test_codes_are_unique() -> None:
    assert len({kind.code for kind in TABLE}) == len(TABLE)


def test_a_subclass_without_a_row_takes_its_parents() -> None:
    class Odd(errors.EmptyText):
        pass

    assert row(Odd("x")) == TABLE[errors.EmptyText]


def test_missing_weights_have_their_own_exit_code() -> None:
    assert row(errors.WeightsMissing()).exit is Exit.WEIGHTS_MISSING
    assert int(Exit.WEIGHTS_MISSING) == 3


def test_a_failed_item_carries_id_code_and_message() -> None:
    item = failed("a", errors.NoProse("Nothing but captions."))
    assert item.model_dump() == {"id": "a", "error": {"code": "no_prose", "message": "Nothing but captions."}}
