"""Whether keys are required: not for those who sit at the machine, unless the operator says otherwise."""

import ipaddress

from service.settings import Settings


def keys_required(settings: Settings) -> bool:
    """What `MUJAZ_KEYS` says; `auto` requires keys where other machines can connect."""
    return settings.keys == "required" or (settings.keys == "auto" and not is_loopback(settings.host))


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to a server that listens on `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
