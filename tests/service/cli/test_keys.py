"""`mujaz keys`: what is printed once, what is listed, and what is refused."""

import re
from pathlib import Path

import pytest

from service.keys import tokens
from service.webhooks import signing
from tests.service.cli.conftest import Mujaz

KEY = "mjz_[0-9a-f]{12}_[0-9a-f]{64}"


@pytest.fixture(autouse=True)
def _database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MUJAZ_DATABASE_URL", f"sqlite:///{tmp_path}/mujaz.db")


def test_a_key_is_printed_once_and_alone(mujaz: Mujaz) -> None:
    done = mujaz("keys", "add", "archive")
    assert done.code == 0
    assert re.fullmatch(f"{KEY}\n", done.out)
    assert "shown only now" in done.err
    token = tokens.parse(done.out.strip())
    assert token is not None
    assert token.secret not in done.err
    listed = mujaz("keys", "list").out
    assert token.id in listed
    assert token.secret not in listed
    assert token.hash not in listed


def test_keys_are_listed_with_what_they_may_do(mujaz: Mujaz, tmp_path: Path) -> None:
    terms = tmp_path / "terms.tsv"
    terms.write_text("القاهرة\tEl Qahira\n", encoding="utf-8")
    options = ("--scope", "jobs", "--scope", "read", "--rate", 60, "--quota", 2_000_000, "--glossary", terms)
    mujaz("keys", "add", "archive", *options)
    mujaz("keys", "add", "مكتب", "--expires", "90d")
    head, first, second = (re.split(r"\s{2,}", line) for line in mujaz("keys", "list").out.splitlines())
    assert head[1:7] == ["NAME", "SCOPES", "RATE", "QUOTA", "USED TODAY", "GLOSSARY"]
    assert first[1:7] == ["archive", "read,jobs", "60", "2000000", "0", "yes"]
    assert second[1:7] == ["مكتب", "read", "-", "-", "0", "-"]
    assert (first[8], first[9], second[9]) == ("-", "valid", "valid")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", second[8])


def test_a_revoked_key_is_told(mujaz: Mujaz) -> None:
    token = tokens.parse(mujaz("keys", "add", "archive").out.strip())
    assert token is not None
    assert mujaz("keys", "revoke", token.id).code == 0
    assert mujaz("keys", "list").out.rstrip().endswith("revoked")


def test_an_unknown_id_is_wrong_usage(mujaz: Mujaz) -> None:
    done = mujaz("keys", "revoke", "0123456789ab")
    assert done.code == 2
    assert "mujaz keys list" in done.err


@pytest.mark.parametrize(
    "wrong",
    [
        ("",),
        ("x" * 101,),
        ("a\nb",),
        ("\x1b[31m",),
        ("desk", "--scope", "everything"),
        ("desk", "--rate", 0),
        ("desk", "--quota", 0),
        ("desk", "--expires", "soon"),
        ("desk", "--expires", "0d"),
        ("desk", "--glossary", "/nowhere.tsv"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_makes_no_key(mujaz: Mujaz, wrong: tuple[object, ...]) -> None:
    assert mujaz("keys", "add", *wrong).code == 2
    assert len(mujaz("keys", "list").out.splitlines()) == 1


def test_a_glossary_that_cannot_be_used_is_refused_with_the_line(mujaz: Mujaz, tmp_path: Path) -> None:
    terms = tmp_path / "terms.tsv"
    terms.write_text("no tab here\n", encoding="utf-8")
    done = mujaz("keys", "add", "desk", "--glossary", terms)
    assert done.code == 2
    assert "Line 1" in done.err


def test_a_database_that_cannot_be_had_is_told(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MUJAZ_DATABASE_URL", f"sqlite:///{tmp_path}/file/mujaz.db")
    done = mujaz("keys", "list")
    assert done.code == 1
    assert "cannot be used" in done.err


def test_the_secret_of_a_keys_webhooks_is_printed(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch) -> None:
    own = signing.written(b"s" * 32)
    monkeypatch.setenv("MUJAZ_WEBHOOK_SECRET", own)
    token = tokens.parse(mujaz("keys", "add", "archive").out.strip())
    assert token is not None
    assert mujaz("keys", "webhook").out == f"{own}\n"
    done = mujaz("keys", "webhook", token.id)
    assert done.out == f"{signing.written(signing.secret_of(b's' * 32, token.id))}\n"
    assert mujaz("keys", "webhook", "0123456789ab").code == 2


def test_without_the_servers_secret_there_is_none_to_print(mujaz: Mujaz) -> None:
    done = mujaz("keys", "webhook")
    assert done.code == 2
    assert "MUJAZ_WEBHOOK_SECRET" in done.err
