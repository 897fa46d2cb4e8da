"""Which addresses webhooks may go to: hosts that the operator allows, none inside a network unless it is named by number."""

import asyncio
import re
import socket
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from service.errors import WebhookRefused

_PORTS = {"https": 443, "http": 80}
_PLAIN = re.compile(r"https?://[\x21-\x7e]+")
_ENTRY = re.compile(r"\[?(?P<host>[^\[\]]+?)\]?(:(?P<port>\d+))?")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """Where an event is sent: `path` with the query, `address` if the host is one and not a name."""

    secure: bool
    host: str
    port: int
    path: str
    address: Address | None

    @property
    def authority(self) -> str:
        """What the header `Host` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


class Targets:
    """The hosts that are allowed, as `MUJAZ_WEBHOOK_HOSTS` names them: without a port, the usual one of the scheme is meant."""

    def __init__(self, allowed: Iterable[str]) -> None:
        matches = (_ENTRY.fullmatch(entry) for entry in allowed)
        self._allowed = {(match["host"], match["port"] and int(match["port"])) for match in matches if match}

    def target(self, url: str) -> Target:
        """Where `url` leads. Raises `WebhookRefused`, without the address in its words."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise WebhookRefused("The webhook's URL cannot be read.") from error
        if not _PLAIN.fullmatch(url) or "\\" in url or "#" in url or not host:
            raise WebhookRefused(
                "The webhook's URL must be https://HOST/PATH, of plain characters, without a fragment."
            )
        if "@" in parts.netloc:
            raise WebhookRefused("The webhook's URL must not hold a user name or password.")
        usual = _PORTS[parts.scheme]
        if not {(host, port or usual), *([(host, None)] if port in (None, usual) else [])} & self._allowed:
            raise WebhookRefused(
                "The operator of this server does not allow webhooks to this host (MUJAZ_WEBHOOK_HOSTS)."
            )
        address = _number(host)
        if parts.scheme != "https" and not (address and address.is_loopback):
            raise WebhookRefused("The webhook's URL must begin with https://, unless its host is a loopback address.")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme == "https", host, port or usual, path, address)


async def addresses(target: Target, threads: Executor) -> list[str]:
    """The addresses of a target's host, looked up now. Whoever connects takes these: a name may lead elsewhere a moment later.

    Raises `WebhookRefused` for a name that leads to any address inside a network, and `OSError` for one that leads nowhere.
    """
    if target.address:
        return [str(target.address)]
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(threads, _look_up, target.host, target.port)
    if not all(_public(ip_address(address)) for address in found):
        raise WebhookRefused("The webhook's host is inside a network.")
    return found


def _look_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _public(address: Address) -> bool:
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (inner or address).is_global and not (inner or address).is_multicast


def _number(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
