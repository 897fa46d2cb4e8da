"""Settings that contradict each other, and addresses that cannot be had."""

import http.client
import json
import socket
from collections.abc import Iterator

from service.doctor.finding import Finding, fails, ok, warning
from service.keys.policy import is_loopback
from service.runtime import server_glossary
from service.settings import Settings, SettingsError
from service.webhooks import signing

_BYTES = 2  # of an Arabic letter in UTF-8


def consistency(settings: Settings) -> Iterator[Finding]:
    """One finding for each contradiction, or one that there is none."""
    found = [*_limits(settings), *_models(settings), *_others(settings)]
    yield from found or [ok("settings", "do not contradict each other")]


def _limits(settings: Settings) -> Iterator[Finding]:
    if settings.body_bytes > settings.pending_bytes:
        told = "MUJAZ_BODY_BYTES is above MUJAZ_PENDING_BYTES: the largest bodies are always refused"
        yield fails("settings", told, "raise MUJAZ_PENDING_BYTES, to several times MUJAZ_BODY_BYTES")
    if settings.body_bytes < _BYTES * settings.article_chars:
        told = "an article of MUJAZ_ARTICLE_CHARS Arabic letters does not fit into MUJAZ_BODY_BYTES"
        yield warning("settings", told, f"set MUJAZ_BODY_BYTES to at least {_BYTES * settings.article_chars}")
    if settings.html_chars < settings.article_chars:
        told = "MUJAZ_HTML_CHARS is below MUJAZ_ARTICLE_CHARS: a page is longer than the text in it"
        yield warning("settings", told, "raise MUJAZ_HTML_CHARS")
    if settings.queue < settings.articles:
        told = "MUJAZ_QUEUE is below MUJAZ_ARTICLES: a full request has more sentences than may wait"
        yield warning("settings", told, "raise MUJAZ_QUEUE, to some fifty times MUJAZ_ARTICLES")


def _models(settings: Settings) -> Iterator[Finding]:
    if settings.models == "sample" and settings.translator == "small":
        told = "MUJAZ_TRANSLATOR=small has no effect with the sample models"
        yield warning("settings", told, "leave out one of MUJAZ_TRANSLATOR and MUJAZ_MODELS")
    if settings.engine == "reference" and (settings.dtype == "int8" or settings.vocabulary):
        told = "the engine reference knows neither int8 nor a restricted vocabulary"
        yield fails("settings", told, "set MUJAZ_ENGINE=mujaz, or leave out MUJAZ_DTYPE and MUJAZ_VOCABULARY")
    try:
        server_glossary(settings.glossary)
    except SettingsError as error:
        yield fails("settings", str(error), "correct the file, or set MUJAZ_GLOSSARY=none")


def _others(settings: Settings) -> Iterator[Finding]:
    """Who may ask, and who is told."""
    if settings.keys == "off" and not is_loopback(settings.host):
        told = f"MUJAZ_KEYS=off and MUJAZ_HOST={settings.host}: whoever can connect may do everything"
        yield warning("settings", told, "set MUJAZ_KEYS=auto, unless something in front of it asks who they are")
    try:
        signing.check(settings)
    except SettingsError as error:
        yield fails("settings", str(error), "set MUJAZ_WEBHOOK_SECRET, or leave out MUJAZ_WEBHOOK_HOSTS")
    if settings.webhook_secret and not settings.webhook_hosts:
        told = "MUJAZ_WEBHOOK_SECRET has no effect: no host may be told anything"
        yield warning("settings", told, "set MUJAZ_WEBHOOK_HOSTS, or leave out MUJAZ_WEBHOOK_SECRET")


def ports(settings: Settings) -> Iterator[Finding]:
    """Whether the service can listen where it should; where a Mujaz answers already, that is well too."""
    yield _port("port", "MUJAZ_PORT", settings.host, settings.port)
    if settings.metrics_address is None:
        return
    host, port = settings.metrics_address
    if port == settings.port and port and host in (settings.host, "0.0.0.0", "::"):
        told = "MUJAZ_METRICS_ADDRESS is where the service itself listens"
        yield fails("port of metrics", told, "give the metrics another port, such as 9100")
    else:
        yield _port("port of metrics", "MUJAZ_METRICS_ADDRESS", host, port)


def _port(check: str, setting: str, host: str, port: int) -> Finding:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if version := _answering(host, port):
            return ok(check, f"{host}:{port} is taken by a Mujaz {version} that answers")
        reason = error.strerror or "the address cannot be used"
        return fails(check, f"{host}:{port}: {reason}", f"stop what listens there, or set {setting} otherwise")
    return ok(check, f"{host}:{port} is free")


def _answering(host: str, port: int) -> str | None:
    """The version of the Mujaz that answers there, None if none does."""
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        health = json.loads(connection.getresponse().read(1000))
        return str(health["version"])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()
