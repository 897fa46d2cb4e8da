"""Who asks: an API key with its scopes, or anybody where keys are not asked for."""

from dataclasses import dataclass
from typing import Literal, get_args

from models.glossary import Glossary

Scope = Literal["read", "jobs", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class Caller:
    """`id` is the key's public part, empty for anybody; `glossary` goes before the server's; `quota` is in characters a day."""

    id: str
    scopes: frozenset[Scope]
    glossary: Glossary | None = None
    quota: int | None = None


ANYBODY = Caller("", frozenset(SCOPES))
"""The caller where no keys are asked for."""

CALLER = "mujaz.caller"
"""Where in its scope a request holds who asks."""
