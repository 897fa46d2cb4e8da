"""Which addresses webhooks may go to."""

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.errors import WebhookRefused
from service.settings import SettingsError, read
from service.webhooks.targets import Targets, addresses

pytestmark = pytest.mark.anyio

ALLOWED = "hooks.example.org,example.com:8443,127.0.0.1:9000,[::1]:9000,10.0.0.7,LOUD.example.org"
targets = Targets(read({"MUJAZ_WEBHOOK_HOSTS": ALLOWED}).webhook_hosts)


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("https://hooks.example.org/a/b?c=d", "hooks.example.org", "/a/b?c=d"),
        ("https://hooks.example.org:443", "hooks.example.org", "/"),
        ("https://Hooks.Example.ORG/A", "hooks.example.org", "/A"),
        ("https://loud.example.org/", "loud.example.org", "/"),
        ("https://example.com:8443/", "example.com:8443", "/"),
        ("https://10.0.0.7/x", "10.0.0.7", "/x"),
        ("http://127.0.0.1:9000/x", "127.0.0.1:9000", "/x"),
        ("http://[::1]:9000/x", "[::1]:9000", "/x"),
    ],
)
def test_what_the_operator_allows_is_a_target(url: str, authority: str, path: str) -> None:
    target = targets.target(url)
    assert (target.authority, target.path) == (authority, path)


@pytest.mark.parametrize(
    "url",
    [
        "https://other.example.org/",
        "https://hooks.example.org.evil.example/",
        "https://evil.hooks.example.org/",
        "https://hooks.example.org./",
        "https://hooks.example.org:8443/",
        "https://example.com/",
        "https://127.0.0.1:9001/",
        "https://2130706433:9000/",
        "https://0x7f.1:9000/",
        "https://[::ffff:127.0.0.1]:9000/",
        "http://hooks.example.org/",
        "http://10.0.0.7/",
        "https://user:password@hooks.example.org/",
        "https://hooks.example.org@evil.example/",
        "https://evil.example\\@hooks.example.org/",
        "https://hooks.example.org\\.evil.example/",
        "https://hooks.example.org/\r\nX-Evil: 1",
        "https://hooks.example.org/ a",
        "https://hooks.example.org/ä",
        "https://hooks.example.org/#x",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org:x/",
        "https://[::1",
        "https:///x",
        "//hooks.example.org/",
        "hooks.example.org",
        "file:///etc/passwd",
        "gopher://hooks.example.org/",
        "",
    ],
)
def test_anything_else_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(WebhookRefused) as caught:
        targets.target(url)
    assert "evil" not in str(caught.value) and "password " not in str(caught.value)


@pytest.mark.parametrize(
    "inside",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *("::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "ff02::1", "::"),
    ],
)
async def test_a_name_that_leads_inside_a_network_is_refused(monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    def looked_up(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (address, 443)) for address in ("93.184.215.14", inside)]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    with ThreadPoolExecutor(1) as threads, pytest.raises(WebhookRefused):
        await addresses(targets.target("https://hooks.example.org/"), threads)


async def test_a_name_with_public_addresses_and_an_address_that_is_allowed_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [(0, 0, 0, "", ("93.184.215.14", 443)), (0, 0, 0, "", ("2606:2800:21f::1", 443, 0, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with ThreadPoolExecutor(1) as threads:
        public = await addresses(targets.target("https://hooks.example.org/"), threads)
        named = await addresses(targets.target("https://10.0.0.7/"), threads)
    assert (public, named) == (["93.184.215.14", "2606:2800:21f::1"], ["10.0.0.7"])


def test_without_hosts_nothing_is_allowed() -> None:
    with pytest.raises(WebhookRefused, match="does not allow"):
        Targets(read({}).webhook_hosts).target("https://hooks.example.org/")


@pytest.mark.parametrize(
    "hosts", ["", "*", "https://example.org", "example.org/", "a b", "example.org,", "[::1", "a:b"]
)
def test_hosts_that_are_none_are_no_setting(hosts: str) -> None:
    with pytest.raises(SettingsError, match="MUJAZ_WEBHOOK_HOSTS must"):
        read({"MUJAZ_WEBHOOK_HOSTS": hosts})
