"""The base of every schema."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

_HALVES = re.compile("[\ud800-\udfff]")


def _whole(text: str) -> str:
    """Halves of characters, which JSON lets in but UTF-8 cannot carry, are replaced one for one: offsets hold."""
    return _HALVES.sub("\ufffd", text)


Text = Annotated[str, AfterValidator(_whole)]
"""Text from outside."""


class Schema(BaseModel):
    """Unknown fields are refused: a misspelt option must not be ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
