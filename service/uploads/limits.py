"""What reading one file may cost."""

from dataclasses import dataclass

from service.limits import TextLimits
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """`text` is what an article may have; `memory` (bytes) and `seconds` are for the child that parses Word and PDF."""

    text: TextLimits
    file_bytes: int
    memory: int
    seconds: float

    @classmethod
    def of(cls, settings: Settings) -> "UploadLimits":
        return cls(TextLimits.of(settings), settings.upload_bytes, settings.upload_memory, settings.upload_seconds)
