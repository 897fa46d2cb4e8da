"""Log lines: structured, with the request id, and without any text that came from outside."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from service import logs

SECRET = "نص سري"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """The root logger as pytest had it."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def _logged(form: str, level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    logs.configure(level, form, stream)
    return stream


def test_json_lines_carry_the_named_fields_only() -> None:
    stream = _logged("json")
    token = logs.request_id.set("r1")
    logging.getLogger("mujaz").info("request", extra={"route": "/v1/brief", "status": 200, "body": SECRET})
    logs.request_id.reset(token)
    line = json.loads(stream.getvalue())
    assert line.pop("time")
    assert line == {
        "level": "info", "logger": "mujaz", "event": "request", "request_id": "r1", "route": "/v1/brief", "status": 200,
    }  # fmt: skip


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_names_places_but_never_what_was_said(form: str) -> None:
    stream = _logged(form)
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("service.x").exception("failed")
    assert SECRET not in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()


def test_libraries_are_heard_from_error_upwards_and_trafilatura_not_at_all() -> None:
    stream = _logged("text")
    logging.getLogger("some.library").warning("chatter")
    logging.getLogger("trafilatura.core").error(SECRET)
    assert stream.getvalue() == ""
    logging.getLogger("some.library").error("broken")
    assert "broken" in stream.getvalue()


def test_the_level_is_kept() -> None:
    stream = _logged("text", "warning")
    logging.getLogger("mujaz").info("request")
    assert stream.getvalue() == ""
