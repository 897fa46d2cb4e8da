"""Signatures, as the reference implementation of Standard Webhooks reads them; where secrets come from."""

import base64
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from service.settings import Settings, SettingsError, read
from service.webhooks import signing

SECRET = b"s" * 32
BODY = '{"id":"evt_1","text":"خبر"}'.encode()


def headers(secret: bytes, body: bytes = BODY) -> dict[str, str]:
    now = int(time.time())
    signed = signing.signature(secret, "evt_1", now, body)
    return {"webhook-id": "evt_1", "webhook-timestamp": str(now), "webhook-signature": signed}


def test_the_reference_implementation_verifies_what_we_sign() -> None:
    event = Webhook(signing.written(SECRET)).verify(BODY, headers(SECRET))
    assert event["text"] == "خبر"


def test_it_does_not_verify_another_body_id_time_or_secret() -> None:
    receiver = Webhook(signing.written(SECRET))
    good = headers(SECRET)
    wrong = [
        (b'{"id":"evt_2"}', good),
        (BODY, good | {"webhook-id": "evt_2"}),
        (BODY, good | {"webhook-timestamp": str(int(good["webhook-timestamp"]) - 1)}),
        (BODY, headers(signing.secret_of(SECRET, "a"))),
    ]
    for body, given in wrong:
        with pytest.raises(WebhookVerificationError):
            receiver.verify(body, given)


def test_each_key_has_a_secret_of_its_own_and_without_keys_it_is_the_servers() -> None:
    assert signing.secret_of(SECRET, "") == SECRET
    secrets = {signing.secret_of(SECRET, owner) for owner in ("", "a", "b")}
    assert len(secrets) == 3
    assert signing.secret_of(SECRET, "a") == signing.secret_of(SECRET, "a") != signing.secret_of(b"t" * 32, "a")


def test_a_secret_is_read_as_it_is_written() -> None:
    assert read({"MUJAZ_WEBHOOK_SECRET": signing.written(SECRET)}).webhook_secret == SECRET


@pytest.mark.parametrize(
    "raw", ["", "hunter2" * 5, "whsec_", "whsec_hunter2!", f"whsec_{'aGk' * 3}=", "whsec_" + "a" * 400]
)
def test_what_is_no_secret_is_refused_and_not_told(raw: str) -> None:
    with pytest.raises(SettingsError, match="MUJAZ_WEBHOOK_SECRET must") as caught:
        read({"MUJAZ_WEBHOOK_SECRET": raw})
    assert "hunter2" not in str(caught.value)


def test_hosts_without_a_secret_are_refused_with_how_to_make_one() -> None:
    signing.check(Settings())
    with pytest.raises(SettingsError, match="openssl rand"):
        signing.check(Settings(webhook_hosts=frozenset({"example.org"})))


def test_secrets_are_not_shown() -> None:
    shown = repr(Settings(webhook_secret=SECRET, database_url="postgresql://me:hunter2@host/name"))
    assert "ssss" not in shown and base64.b64encode(SECRET).decode() not in shown and "hunter2" not in shown
