"""Settings: the only place that reads the environment, once, and refuses what it does not understand."""

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

PREFIX = "MUJAZ_"


class SettingsError(ValueError):
    """A setting is unknown or its value is not valid; the message names it and says what is accepted."""


def _setting(default: Any, parse: Callable[[str], Any], help: str, *, secret: bool = False) -> Any:
    return field(default=default, repr=not secret, metadata={"parse": parse, "help": help, "secret": secret})


def _text(raw: str) -> str:
    if not raw:
        raise ValueError("must not be empty")
    return raw


def _path(raw: str) -> Path:
    return Path(_text(raw)).expanduser()


def _choice(*names: str) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw not in names:
            raise ValueError(f"must be one of {', '.join(names)}")
        return raw

    return parse


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not re.fullmatch(r"\d{1,18}", raw, re.ASCII) or not low <= int(raw) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(raw)

    return parse


def _or_auto(parse: Callable[[str], int]) -> Callable[[str], int | None]:
    return lambda raw: None if raw == "auto" else parse(raw)


def _languages(raw: str) -> tuple[str, ...]:
    if raw == "full":
        return ()
    if not re.fullmatch("[a-z]{2,3}(,[a-z]{2,3})*", raw):
        raise ValueError("must be full, or language codes such as ar,en")
    return tuple(raw.split(","))


def _origins(raw: str) -> frozenset[str]:
    if raw == "none":
        return frozenset()
    if raw != "*" and not re.fullmatch(r"https?://[^\s/,*]+(,https?://[^\s/,*]+)*", raw):
        raise ValueError("must be none, * or origins such as https://example.org,https://example.com")
    return frozenset(raw.split(","))


_HOST = r"([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"


def _hosts(raw: str) -> frozenset[str]:
    if raw == "none":
        return frozenset()
    if not re.fullmatch(f"{_HOST}(,{_HOST})*", raw.lower()):
        raise ValueError("must be none, or hosts such as hooks.example.org,hooks.example.com:8443")
    return frozenset(raw.lower().split(","))


def _signing(raw: str) -> bytes:
    if raw == "none":
        return b""
    try:
        secret = base64.b64decode(raw.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        secret = b""
    if not raw.startswith("whsec_") or not 24 <= len(secret) <= 64:  # as Standard Webhooks has it
        raise ValueError("must be none, or whsec_ and 24 to 64 random bytes in base64")
    return secret


def _address(raw: str) -> str | None:
    if raw != "auto" and not re.match(r"https?://\S+$", raw):
        raise ValueError("must be auto, or an address that begins with http:// or https://")
    return None if raw == "auto" else raw


def _endpoint(raw: str) -> tuple[str, int] | None:
    if raw == "auto":
        return None
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]/]+):(\d{1,5})", raw, re.ASCII)
    if not match or int(match[2]) > 65535:
        raise ValueError("must be auto, or an address and a port such as 127.0.0.1:9100")
    return match[1].strip("[]"), int(match[2])


def _collector(raw: str) -> str:
    if raw != "none" and not re.fullmatch(r"https?://[^\s/?#][^\s?#]*", raw):
        raise ValueError("must be none, or an address such as http://127.0.0.1:4318")
    return raw


def _ratio(raw: str) -> float:
    if not re.fullmatch(r"0(\.\d{1,9})?|1(\.0{1,9})?", raw, re.ASCII):
        raise ValueError("must be a number from 0 to 1")
    return float(raw)


def _database(raw: str) -> str:
    if not re.match(r"(sqlite:///|postgresql://)\S+$", raw):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    return raw


_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


def _bytes(raw: str) -> int:
    match = re.fullmatch(r"(\d{1,9})([KMG]?)", raw, re.ASCII)
    if not match or match[1] == "0":
        raise ValueError("must be a number of bytes such as 8388608, 512K, 8M or 4G")
    return int(match[1]) * _UNITS[match[2]]


def _or_off(parse: Callable[[str], int]) -> Callable[[str], int | None]:
    return lambda raw: None if raw == "off" else parse(raw)


_SPANS = {"d": 86_400, "h": 3600, "m": 60, "s": 1, "": 1}


def _duration(raw: str) -> float:
    match = re.fullmatch(r"(\d{1,9})([dhms]?)", raw, re.ASCII)
    if not match or int(match[1]) == 0:
        raise ValueError("must be a time such as 3600, 90m, 12h or 7d")
    return float(int(match[1]) * _SPANS[match[2]])


def _seconds(raw: str) -> float:
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", raw, re.ASCII) or float(raw) == 0:
        raise ValueError("must be a number of seconds above 0")
    return float(raw)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator can set, by environment variables named `MUJAZ_` and the field's name in capitals."""

    host: str = _setting("127.0.0.1", _text, "Address to listen on.")
    port: int = _setting(8000, _whole(0, 65535), "Port to listen on; 0 takes a free one.")
    models: str = _setting("full", _text, "Models to use: full, sample, or a folder of checkpoints.")
    weights: Path = _setting(
        Path("~/.local/share/mujaz").expanduser(), _path, "Folder that `mujaz models pull` keeps weights in."
    )
    hub: str | None = _setting(
        None, _address, "Address of the model Hub that `mujaz models pull` asks: auto is the client's own."
    )
    summarizer: str = _setting("default", _text, "Summarizer: default, extract (no model), or an id of the catalogue.")
    translator: Literal["default", "small"] = _setting(
        "default", _choice("default", "small"), "Size of the translators: default, or small where a pair has one."
    )
    device: str = _setting("auto", _text, "Where models run: auto, cpu, cuda or cuda:N.")
    dtype: str = _setting(
        "auto",
        _choice("auto", "float32", "bfloat16", "int8"),
        "Number format: auto, float32, bfloat16, or int8 (CPUs only).",
    )
    engine: Literal["mujaz", "reference"] = _setting(
        "mujaz", _choice("mujaz", "reference"), "Decoding engine: mujaz, or reference (transformers)."
    )
    vocabulary: tuple[str, ...] = _setting(
        (), _languages, "Output vocabulary: full, or language codes such as ar,en, for what these need."
    )
    threads: int | None = _setting(None, _or_auto(_whole(1, 1024)), "Compute threads: auto, or a number.")
    beams: int | None = _setting(None, _or_auto(_whole(1, 16)), "Beam width: auto (the model's own), or a number.")
    memory: int = _setting(8 * 2**30, _bytes, "Memory for loaded models; beyond it the least recently used goes.")
    glossary: str = _setting("none", _text, "Glossary for all translations: none, or a file (see Glossary).")
    queue: int = _setting(20_000, _whole(1, 1_000_000), "Sentences that may wait for a model.")
    database_url: str = _setting(
        f"sqlite:///{Path('~/.local/share/mujaz/mujaz.db').expanduser()}",
        _database,
        "Database: sqlite:/// and a file, or postgresql://user:password@host/name, which several servers may share.",
        secret=True,
    )
    cache: int | None = _setting(
        2**28, _or_off(_bytes), "Cache of translations and briefs in the database: its bytes, or off."
    )
    retention: float = _setting(
        7 * 86_400.0, _duration, "How long results and cached texts are kept, such as 12h or 7d."
    )
    keys: Literal["auto", "required", "off"] = _setting(
        "auto",
        _choice("auto", "required", "off"),
        "API keys: auto (required unless only this machine can connect), required, or off.",
    )
    body_bytes: int = _setting(8 * 2**20, _bytes, "Largest request body.")
    pending_bytes: int = _setting(256 * 2**20, _bytes, "Request bodies held at one time, all together.")
    requests: int = _setting(256, _whole(1, 100_000), "Requests worked on at one time; more are refused (503).")
    connections: int = _setting(
        800, _whole(1, 1_000_000), "Connections at one time; beyond, idle and slow ones are closed."
    )
    transfer: float = _setting(
        60.0, _seconds, "Seconds for a request's headers, for its body, and for a client to take any of its answer."
    )
    at_once: int | None = _setting(
        None,
        _or_auto(_whole(1, 100_000)),
        "Articles worked on at one time, of single ones and of lists each, or 16 times as many short texts: a number, or auto "
        "(16 on a CPU, 64 on a GPU).",
    )
    wait: float = _setting(3.0, _seconds, "Seconds of work ahead of a single text, beyond which it is refused (503).")
    bulk_wait: float = _setting(
        10.0, _seconds, "The same for articles and texts in a list, which single ones overtake."
    )
    articles: int = _setting(200, _whole(1, 100_000), "Articles or texts in one request.")
    article_chars: int = _setting(100_000, _whole(1, 10**8), "Characters of text in one article.")
    html_chars: int = _setting(1_000_000, _whole(1, 10**8), "Characters of one HTML page.")
    upload_bytes: int = _setting(32 * 2**20, _bytes, "Largest file that articles are read from.")
    upload_memory: int = _setting(
        512 * 2**20, _bytes, "Memory for reading one Word or PDF file, in a process of its own."
    )
    upload_seconds: float = _setting(20.0, _seconds, "Seconds that reading one Word or PDF file may take.")
    deadline: float = _setting(300.0, _seconds, "Seconds that a request may take.")
    cors: frozenset[str] = _setting(
        frozenset(),
        _origins,
        "Origins whose pages may use the LibreTranslate endpoints: none, * or a list with commas.",
    )
    download_bytes: int = _setting(64 * 2**20, _bytes, "Translated files kept for download, all together.")
    download_seconds: float = _setting(3600.0, _seconds, "Seconds that a translated file can be downloaded.")
    job_bytes: int = _setting(64 * 2**20, _bytes, "Largest body of a job.")
    job_articles: int = _setting(10_000, _whole(1, 10**6), "Articles in one job.")
    job_queue: int = _setting(100_000, _whole(1, 10**8), "Articles of jobs that may wait, all together.")
    job_slots: int | None = _setting(
        None, _or_auto(_whole(1, 10_000)), "Articles of jobs worked on at one time: a number, or auto, as for others."
    )
    job_streams: int = _setting(100, _whole(1, 100_000), "Streams of events open at one time.")
    webhook_hosts: frozenset[str] = _setting(
        frozenset(), _hosts, "Hosts that webhooks may be sent to: none, or a list with commas (see Jobs)."
    )
    webhook_secret: bytes = _setting(
        b"", _signing, "What webhooks are signed with: none, or whsec_ and base64.", secret=True
    )
    webhook_retry: float = _setting(86_400.0, _duration, "How long a webhook is tried again, such as 12h or 1d.")
    drain: float = _setting(30.0, _seconds, "Seconds in which a server that is to stop finishes what it has.")
    log_level: str = _setting("info", _choice("debug", "info", "warning", "error"), "Least serious level logged.")
    metrics_address: tuple[str, int] | None = _setting(
        None, _endpoint, "Where /metrics is served: auto (beside all else), or an address and port of its own."
    )
    log_format: str = _setting("text", _choice("text", "json"), "Log lines as text or json.")
    otel_endpoint: str = _setting(
        "none", _collector, "Where traces are sent: none, or the address of an OTLP/HTTP collector.", secret=True
    )
    otel_ratio: float = _setting(
        1.0, _ratio, "Share of the traces begun here that is recorded; for others their caller has decided."
    )


def read(environ: Mapping[str, str] = os.environ, **overrides: object) -> Settings:
    """The settings that `environ` asks for; `overrides` (options of a command) win, unless they are None.

    Raises `SettingsError` for a `MUJAZ_` variable that is no setting and for a value that cannot be read.
    """
    known = {f"{PREFIX}{f.name.upper()}": f for f in fields(Settings)}
    given = {name: value for name, value in environ.items() if name.startswith(PREFIX)}
    given |= {f"{PREFIX}{name.upper()}": str(value) for name, value in overrides.items() if value is not None}
    if unknown := given.keys() - known.keys():
        raise SettingsError(f"unknown settings: {', '.join(sorted(unknown))}; known are {', '.join(known)}")
    values: dict[str, Any] = {}
    for name, raw in given.items():
        try:
            values[known[name].name] = known[name].metadata["parse"](raw)
        except ValueError as error:
            shown = "" if known[name].metadata["secret"] else f", not {raw!r}"
            raise SettingsError(f"{name} {error}{shown}") from error
    return Settings(**values)


def table() -> list[tuple[str, str, str]]:
    """Every setting as (environment variable, default, help), in the order of the fields."""
    return [
        (f"{PREFIX}{f.name.upper()}", "auto" if f.default is None else _shown(f.default), f.metadata["help"])
        for f in fields(Settings)
    ]


def _shown(default: object) -> str:
    """A default as it would be written in the environment."""
    if isinstance(default, int) and default >= 2**20:
        unit = next(unit for unit in ("G", "M", "K", "") if default % _UNITS[unit] == 0)
        return f"{default // _UNITS[unit]}{unit}"
    if default == ():
        return "full"
    if default in (frozenset(), b""):
        return "none"
    if isinstance(default, float):
        return f"{default:g}" if default < _SPANS["d"] else _span(default)
    return str(default).replace(str(Path.home()), "~")


def _span(seconds: float) -> str:
    unit = next(unit for unit, size in _SPANS.items() if seconds % size == 0)
    return f"{seconds / _SPANS[unit]:g}{unit}"
