"""`mujaz keys`: the API keys of a server, also of one that runs."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.callers import SCOPES

if TYPE_CHECKING:
    from service.keys.records import Key, Use
    from service.store.database import Store

app = typer.Typer(help="Add, list and revoke API keys; a running server knows within seconds.", no_args_is_help=True)

_DAY = 86_400.0
_UNITS = {"h": 3600.0, "d": _DAY}
_COLUMNS = ("ID", "NAME", "SCOPES", "RATE", "QUOTA", "USED TODAY", "GLOSSARY", "ADDED", "EXPIRES", "STATE")


def _name(value: str) -> str:
    if not value.strip() or len(value) > 100 or not value.isprintable():
        raise typer.BadParameter("a name has 1 to 100 characters that can be printed")
    return value


def _scopes(values: Sequence[str] | None) -> Sequence[str]:
    values = values or ["read"]
    if unknown := set(values) - set(SCOPES):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: scopes are {', '.join(SCOPES)}")
    return values


def _seconds(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[1-9]\d{0,4}[hd]", value, re.ASCII):
        raise typer.BadParameter("give days or hours, such as 90d or 12h")
    return value


@app.command()
def add(
    name: Annotated[str, typer.Argument(callback=_name, help="Whose key it is; for `mujaz keys list`.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            callback=_scopes, metavar="|".join(SCOPES), help="What it may do (otherwise read); give it again for more."
        ),
    ] = None,
    rate: Annotated[int | None, typer.Option(min=1, max=100_000, help="At most so many requests a minute.")] = None,
    quota: Annotated[
        int | None, typer.Option(min=1, max=10**12, help="At most so many characters a day (UTC).")
    ] = None,
    expires: Annotated[
        str | None, typer.Option(callback=_seconds, metavar="90d|12h", help="Valid for so many days or hours.")
    ] = None,
    glossary: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False, help="Its own glossary; goes before the server's (MUJAZ_GLOSSARY)."
        ),
    ] = None,
) -> None:
    """Make a key and print it: this once, since only a hash of it is kept."""
    import time

    from service.keys import records, tokens

    text = _glossary(glossary)
    token, now = tokens.mint(), time.time()
    key = records.Key(
        id=token.id,
        name=name,
        scopes=frozenset(known for known in SCOPES if known in (scope or ())),
        rate=rate,
        quota=quota,
        glossary=text is not None,
        created=now,
        expires=None if expires is None else now + int(expires[:-1]) * _UNITS[expires[-1]],
        revoked=None,
        hash=token.hash,
    )
    with _store() as store:
        store.transact(records.add, key, text)
    typer.echo(token.written())
    typer.echo(f"mujaz: the key of {name} (id {key.id}) is shown only now; keep it safe.", err=True)


@app.command("list")
def list_keys() -> None:
    """List all keys, the oldest first, without their secrets."""
    import time
    from datetime import UTC, datetime

    from service.keys import records

    now = time.time()
    with _store() as store:
        keys = store.transact(records.every)
        used = store.transact(records.used, datetime.fromtimestamp(now, UTC).date().isoformat())
    rows = [_COLUMNS, *(_row(key, used.get(key.id), now) for key in keys)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(map(str.ljust, row, widths)).rstrip())


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As `mujaz keys list` shows it.")]) -> None:
    """Make a key invalid, for good."""
    import time

    from service.keys import records

    with _store() as store:
        if not store.transact(records.revoke, key_id, time.time()):
            raise typer.BadParameter("there is no key with this id; `mujaz keys list` shows them", param_hint="ID")
    typer.echo(f"mujaz: {key_id} is revoked.", err=True)


@app.command()
def webhook(
    key_id: Annotated[str | None, typer.Argument(metavar="ID", help="As `mujaz keys list` shows it.")] = None,
) -> None:
    """Print what the webhooks of a key's jobs are signed with; without ID, what they are where no keys are asked for."""
    from service import settings
    from service.keys import records
    from service.webhooks import signing

    secret = settings.read().webhook_secret
    if not secret:
        raise typer.BadParameter("set MUJAZ_WEBHOOK_SECRET to what the server has", param_hint="MUJAZ_WEBHOOK_SECRET")
    if key_id is not None:
        with _store() as store:
            if key_id not in {key.id for key in store.transact(records.every)}:
                raise typer.BadParameter("there is no key with this id; `mujaz keys list` shows them", param_hint="ID")
    typer.echo(signing.written(signing.secret_of(secret, key_id or "")))


@contextmanager
def _store() -> "Iterator[Store]":
    from service import settings
    from service.store.database import Store

    store = Store(settings.read().database_url)
    store.open()
    try:
        yield store
    finally:
        store.close()


def _glossary(file: Path | None) -> str | None:
    """The text of a glossary that can be used. Anything else is wrong usage."""
    from models.errors import GlossaryInvalid
    from models.glossary import Glossary

    if file is None:
        return None
    try:
        text = file.read_text(encoding="utf-8")
        Glossary.parse(text)
    except (GlossaryInvalid, OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(str(error), param_hint="--glossary") from error
    return text


def _row(key: "Key", used: "Use | None", now: float) -> tuple[str, ...]:
    expired = key.expires is not None and key.expires <= now
    return (
        key.id,
        key.name,
        ",".join(scope for scope in SCOPES if scope in key.scopes),
        _or_none(key.rate),
        _or_none(key.quota),
        str(used.characters if used else 0),
        "yes" if key.glossary else "-",
        _day(key.created),
        "-" if key.expires is None else _day(key.expires),
        "revoked" if key.revoked is not None else "expired" if expired else "valid",
    )


def _or_none(value: int | None) -> str:
    return "-" if value is None else str(value)


def _day(at: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).date().isoformat()
