"""Keys as their holders have them: random, recognisable, and stored as a hash only."""

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.keys.tokens import Token, mint, parse, proves


def test_a_key_has_an_id_and_256_random_bits() -> None:
    token = mint()
    assert re.fullmatch("mjz_[0-9a-f]{12}_[0-9a-f]{64}", token.written())
    assert len(bytes.fromhex(token.secret)) * 8 == 256


def test_no_two_keys_are_alike() -> None:
    tokens = [mint() for _ in range(100)]
    assert len({token.id for token in tokens}) == len({token.secret for token in tokens}) == 100


def test_what_is_written_is_read_again() -> None:
    token = mint()
    assert parse(token.written()) == token


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mjz_",
        "secret",
        *(f"mjz_0123456789ab_{end}" for end in ("a" * 63, "a" * 65, "é" * 64, "٣" * 64, "a" * 64 + "\n")),
    ],
)
def test_anything_else_is_no_key(text: str) -> None:
    assert parse(text) is None


@given(st.text())
def test_no_text_makes_the_parser_raise(text: str) -> None:
    assert parse(text) is None or parse(text).written() == text


def test_only_the_hash_of_the_secret_is_stored() -> None:
    token = mint()
    assert token.hash == sha256(token.secret.encode()).hexdigest()
    assert token.secret not in repr(token)


def test_a_secret_is_proved_by_its_own_hash_only() -> None:
    token, other = mint(), mint()
    assert proves(token, token.hash)
    assert not proves(Token(token.id, other.secret), token.hash)


def test_an_unknown_key_is_never_proved() -> None:
    assert not proves(mint(), None)
    assert not proves(Token("0" * 12, "0" * 64), None)
