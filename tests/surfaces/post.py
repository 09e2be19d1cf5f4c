"""The gateway's mails, seen when nothing is left to be sent."""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import redis

from devstack import mails

_PATIENCE = 20.0


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
        deadline = time.monotonic() + _PATIENCE
        while waiting := self.store.xlen(self.outbox):
            assert time.monotonic() < deadline, f"{waiting} jobs still wait"
            time.sleep(0.05)
        kept = (each for each in mails.kept(self.folder) if f"/realms/{self.realm}/" in each.as_string())
        return Counter(str(each["X-Envelope-To"]) for each in kept)
