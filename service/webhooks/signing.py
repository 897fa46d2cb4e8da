"""Signatures as the Standard Webhooks specification has them: HMAC-SHA256 over id, time and body, in base64.

Where keys are asked for, what a key's jobs tell is signed with a secret of that key's own, so that the holder of one key cannot
forge what another's receiver takes for true. It is derived from the server's secret and stored nowhere.
"""

import base64
import hmac

from service.settings import Settings, SettingsError

_PREFIX = "whsec_"


def secret_of(server: bytes, owner: str) -> bytes:
    """What the events of the jobs of `owner` are signed with: the id of a key, or empty for the server's own secret."""
    return hmac.digest(server, f"webhooks of key {owner}".encode(), "sha256") if owner else server


def written(secret: bytes) -> str:
    """A secret as receivers are given it."""
    return _PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, event: str, timestamp: int, body: bytes) -> str:
    """The value of the header `webhook-signature`."""
    signed = b".".join((event.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def check(settings: Settings) -> None:
    """Raises `SettingsError` where hosts are allowed and there is no secret to sign with."""
    if settings.webhook_hosts and not settings.webhook_secret:
        raise SettingsError(
            "MUJAZ_WEBHOOK_HOSTS needs MUJAZ_WEBHOOK_SECRET: set it to whsec_$(openssl rand -base64 32)"
        )
