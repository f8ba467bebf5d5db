"""Webhook deliveries: their content, signature and response.

See https://docs.github.com/webhooks/webhook-events-and-payloads and
https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries.
"""

from __future__ import annotations

import hmac
import json
import time
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MOST_BYTES = 25 * 1024 * 1024


@dataclass(kw_only=True)
class Hook:
    """An App's webhook.

    Attributes:
        url: an ``http`` URL; empty if nobody listens.
        secret: empty for unsigned deliveries.
        seconds: timeout of a delivery.
        content_type: `JSON` or `FORM`.
    """

    url: str = ""
    secret: str = "It's a Secret to Everybody"
    id: int = 109948940
    seconds: float = 10.0
    content_type: str = JSON


@dataclass(frozen=True, kw_only=True)
class DeliveryResponse:
    """The result of a delivery attempt. Without a response, `status_code` is 0 and `headers` and `payload` are None."""

    status: str
    status_code: int = 0
    headers: dict[str, str] | None = None
    payload: str | None = None
    duration: float = 0.0


UNREACHED = DeliveryResponse(status="failed to connect")


@dataclass(frozen=True, kw_only=True)
class HookDelivery:
    """An attempt to deliver `body` with `headers`. `delivered_at` is in seconds since the epoch.

    `id` is 0 if the webhook is switched off; such a delivery is not logged.
    """

    id: int = 0
    app_id: int
    guid: str
    event: str
    url: str
    headers: dict[str, str]
    body: bytes
    delivered_at: float = 0.0
    redelivery: bool = False
    response: DeliveryResponse = UNREACHED

    @cached_property
    def payload(self) -> dict[str, Any]:
        is_form = self.headers["Content-Type"] == FORM
        payload: dict[str, Any] = json.loads(parse_qs(self.body.decode())["payload"][0] if is_form else self.body)
        return payload

    @property
    def status_code(self) -> int:
        return self.response.status_code

    @property
    def status(self) -> str:
        return self.response.status


def prepare_delivery(hook: Hook | None, app_id: int, event: str, payload: dict[str, Any], guid: str) -> HookDelivery:
    """Return a delivery that is ready to send. GitHub's limit is 25 MB."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    content_type = hook.content_type if hook else JSON
    if content_type == FORM:
        body = urlencode({"payload": body}).encode()
    assert len(body) <= MOST_BYTES
    headers = {
        "Accept": "*/*",
        "Content-Type": content_type,
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-GitHub-Hook-ID": str(hook.id if hook else 0),
        "X-GitHub-Hook-Installation-Target-ID": str(app_id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        **(signatures(hook.secret.encode(), body) if hook and hook.secret else {}),
    }
    url = hook.url if hook else ""
    return HookDelivery(app_id=app_id, guid=guid, event=event, url=url, headers=headers, body=body)


def signatures(secret: bytes, body: bytes) -> dict[str, str]:
    """Return the signature headers of `body`."""
    return {
        "X-Hub-Signature": f"sha1={hmac.new(secret, body, 'sha1').hexdigest()}",
        "X-Hub-Signature-256": f"sha256={hmac.new(secret, body, 'sha256').hexdigest()}",
    }


def post_delivery(delivery: HookDelivery, seconds: float) -> DeliveryResponse:
    """Send the delivery. `seconds` is the timeout for each part of the response."""
    url, started_at = urlsplit(delivery.url), time.monotonic()
    connection = HTTPConnection(url.hostname or "", url.port, timeout=seconds)
    target = f"{url.path or '/'}{'?' if url.query else ''}{url.query}"
    try:
        connection.request("POST", target, delivery.body, delivery.headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
    except TimeoutError:
        return DeliveryResponse(status="timed out", duration=time.monotonic() - started_at)
    except (OSError, HTTPException):
        return DeliveryResponse(status="failed to connect", duration=time.monotonic() - started_at)
    finally:
        connection.close()
    return DeliveryResponse(
        status="OK" if response.status < 400 else f"Invalid HTTP Response: {response.status}",
        status_code=response.status,
        headers=dict(response.getheaders()),
        payload=text,
        duration=time.monotonic() - started_at,
    )
