"""Names of people, places and organisations: finding them, and finding them again in a text of another script."""

from models.text.names.find import Mention, available, find
from models.text.names.places import Place, Places, exchanged, foreign, known, missing, parts, replaced
from models.text.names.sounds import THRESHOLD

__all__ = [
    "THRESHOLD",
    "Mention",
    "Place",
    "Places",
    "available",
    "exchanged",
    "find",
    "foreign",
    "known",
    "missing",
    "parts",
    "replaced",
]
