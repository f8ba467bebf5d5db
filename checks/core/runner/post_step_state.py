"""The signed state that the main step saves for the post step; signed because the tests could write it, too."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from ..github.external_id import compose, parse
from ..model.check_run import CheckRun, Published
from ..model.identity import Identity
from ..model.job import Context
from ..model.settings import Credentials

#: The names in ``GITHUB_STATE``; the post step sees them as ``STATE_check_run`` and ``STATE_signature``.
_TEXT, _SIGNATURE = "check_run", "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostStepState:
    """A check run that was created and not completed.

    Attributes:
        id: empty if it is unknown whether the check run was created.
        started_at: seconds since the epoch, UTC.
        conclusion, title: of a completion that did not reach GitHub; empty if there was none.
        has_buttons: whether re-run buttons work.
        has_job_summary: whether the job summary is written for a check run that does not pass.
        network: the variables for proxies and certificates with which the main step reached GitHub.
        certificates_sha256: the digest of the certificates.
    """

    id: str
    page: str
    name: str
    head_sha: str
    identity: Identity
    details_url: str
    started_at: float
    conclusion: str = ""
    title: str = ""
    has_buttons: bool = False
    has_job_summary: bool = True
    network: Mapping[str, str] = field(default_factory=dict)
    certificates_sha256: str = ""

    @classmethod
    def from_run(cls, published: Published, run: CheckRun, **fields: Any) -> Self:
        """Return the state for a check run, which may be completed; `fields` are those that a run does not have."""
        return cls(
            id=published.id,
            page=published.page,
            name=run.name,
            head_sha=run.head_sha,
            identity=run.identity,
            details_url=run.details_url,
            started_at=run.started_at,
            conclusion=run.conclusion or "",
            title=run.output.title if run.conclusion else "",
            **fields,
        )


class ForgedStateError(ValueError):
    """The saved state is not what this job's main step wrote."""


def state_key(credentials: Credentials, context: Context) -> bytes:
    """Return a key derived from the credentials for this attempt of this job; empty without credentials."""
    secret = credentials.private_key or credentials.github_token
    purpose = ["saved state", context.repository, context.run_id, context.run_attempt, context.job]
    return (
        hmac.digest(secret.encode("utf-8", "surrogatepass"), json.dumps(purpose).encode(), "sha256") if secret else b""
    )


def render_state(state: PostStepState | None, key: bytes) -> dict[str, str]:
    """Return the values to save; None means that the post step has nothing to do."""
    text = ""
    if state is not None:
        fields = asdict(state) | {"identity": compose(state.identity)}
        text = urlsafe_b64encode(json.dumps(fields).encode()).decode("ascii")
    return {_TEXT: text, _SIGNATURE: _signature(text, key)}


def parse_state(environ: Mapping[str, str], key: bytes) -> PostStepState | None:
    """Return the saved state; None if there is nothing to do. Raises `ForgedStateError` if the signature is wrong."""
    text = environ.get(f"STATE_{_TEXT}", "")
    if not text:
        return None
    signature = environ.get(f"STATE_{_SIGNATURE}", "")
    if not key or not hmac.compare_digest(signature.encode("utf-8", "replace"), _signature(text, key).encode()):
        raise ForgedStateError("the signature of the saved state does not match.")
    fields = json.loads(urlsafe_b64decode(text))
    return PostStepState(**fields | {"identity": parse(fields["identity"]) or Identity()})


def _signature(text: str, key: bytes) -> str:
    return hmac.digest(key, text.encode("utf-8", "replace"), "sha256").hex()
