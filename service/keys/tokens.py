"""A key as its holder has it: `mjz_ID_SECRET`. The id finds it, the secret proves it, only the secret's hash is stored.

The hash is a fast one (SHA-256) with reason: slow hashes protect what people choose and others can guess, and nobody can
guess 256 random bits, however fast each guess is tried. A slow one would only let strangers burn the server's time.
"""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from hashlib import sha256

_FORM = re.compile("mjz_([0-9a-f]{12})_([0-9a-f]{64})")
_NOBODY = "0" * 64  # held against the hash of an unknown key, so that it costs what a wrong secret costs


@dataclass(frozen=True, slots=True)
class Token:
    """The public id and the secret of one key; the secret is not in its repr."""

    id: str
    secret: str = field(repr=False)

    @property
    def hash(self) -> str:
        """What is stored of the secret, in hex."""
        return sha256(self.secret.encode("ascii")).hexdigest()

    def written(self) -> str:
        """The whole key, to be shown once."""
        return f"mjz_{self.id}_{self.secret}"


def mint() -> Token:
    """A new key, of 256 random bits."""
    return Token(secrets.token_hex(6), secrets.token_hex(32))


def parse(text: str) -> Token | None:
    """The key that `text` is, or None if it does not have the form of one."""
    match = _FORM.fullmatch(text)
    return Token(match[1], match[2]) if match else None


def proves(token: Token, stored: str | None) -> bool:
    """Whether the secret is the one whose hash is `stored`, in the same time whether it is or not; None is no key's."""
    same = hmac.compare_digest(token.hash, stored or _NOBODY)
    return same and stored is not None
