"""The gateway's mails, seen when nothing is left to be sent."""

from collections import Counter
from dataclasses import dataclass
from email import policy
from email.parser import BytesHeaderParser
from pathlib import Path

import redis

from tests.servers.waiting import until

_HEADERS = BytesHeaderParser(policy=policy.default)


@dataclass(frozen=True, slots=True)
class Post:
    """What one worker's gateways have mailed.

    Attributes:
        store: Redis itself.
        outbox: key of the stream of waiting jobs.
        folder: where the catcher keeps everybody's mail.
        realm: whose links the mails hold.
    """

    store: redis.Redis
    outbox: str
    folder: Path
    realm: str

    def settled(self) -> Counter[str]:
        """Wait until no job is left, then count all mails of the realm by the address they went to."""
        until_empty(self.store, self.outbox)
        # Keycloak does not encode its plain text, and parsing every mail of a run would take seconds.
        link = f"/realms/{self.realm}/".encode()
        kept = (mail for mail in (file.read_bytes() for file in self.folder.glob("*.eml")) if link in mail)
        return Counter(str(_HEADERS.parsebytes(mail)["X-Envelope-To"]) for mail in kept)


def until_empty(store: redis.Redis, outbox: str) -> None:
    """Wait until no job is left."""
    until(lambda: not store.xlen(outbox))
