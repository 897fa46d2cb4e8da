"""Log lines: structured, with the request id, and without any text that came from outside."""

import asyncio
import io
import json
import logging
import sys
import threading
import warnings
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
    logging.getLogger("some.library").error("broken: %s", SECRET)
    assert "error some.library a library reports an error at" in stream.getvalue()
    assert "test_logs.py" in stream.getvalue()
    assert SECRET not in stream.getvalue()


def test_what_asyncio_says_of_a_failed_callback_does_not_quote_it() -> None:
    stream = _logged("text", "debug")

    def fail(text: str) -> None:
        raise ValueError(text)

    async def main() -> None:
        asyncio.get_running_loop().call_soon(fail, SECRET)
        await asyncio.sleep(0)

    asyncio.run(main())
    assert SECRET not in stream.getvalue()
    assert "exception=ValueError" in stream.getvalue()


def test_lines_of_background_work_name_their_job() -> None:
    stream = _logged("json")
    with logs.working_on("j1"):
        logging.getLogger("service.jobs").info("article done", extra={"tries": 2})
    logging.getLogger("service.jobs").info("idle")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["job"], first["tries"]) == ("j1", 2)
    assert "job" not in second


@pytest.fixture
def strays(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Strays are caught; afterwards the process is as it was."""
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    stream = _logged("text", "debug")
    logs.catch_strays()
    yield stream
    logging.captureWarnings(False)


def test_what_python_would_write_to_stderr_becomes_lines_without_text(
    strays: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    class Unclean:
        def __del__(self) -> None:
            raise ValueError(SECRET)

    def fail() -> None:
        raise KeyError(SECRET)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    Unclean()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning(UserWarning(SECRET), UserWarning, "x.py", 1)
    assert "a thread failed exception=KeyError" in strays.getvalue()
    assert "a cleanup failed exception=ValueError" in strays.getvalue()
    assert SECRET not in strays.getvalue() + capsys.readouterr().err


def test_the_level_is_kept() -> None:
    stream = _logged("text", "warning")
    logging.getLogger("mujaz").info("request")
    assert stream.getvalue() == ""
