"""Every Redis key, spelled once.

What one script touches shares a hash tag, so that it lies on one node of a cluster.
"""

import hashlib

_VERSION = 1
"""Counts the shape of what is stored: a replica of another version does not see it (security R18)."""


class Keys:
    """The keys under one prefix."""

    def __init__(self, prefix: str) -> None:
        self.root = f"{prefix}{_VERSION}"
        self.outbox = f"{self.root}:{{outbox}}:parcels"

    def attempts(self, kind: str, subject: str) -> tuple[str, str]:
        """Name a subject's record of failures and its tries in flight."""
        tag = f"{self.root}:{{{kind}:{subject}}}"
        return f"{tag}:failures", f"{tag}:in-flight"

    def limit(self, name: str, subject: str) -> str:
        """Name the counter of one limit, without the root: the limits library puts that in front."""
        return f"limit:{name}:{subject}"

    def blocked_address(self, address: str) -> str:
        """Name the block of a client address."""
        return f"{self.root}:blocked:{address}"

    def ended_session(self, session_id: str) -> str:
        """Name the mark of one ended session."""
        return f"{self.root}:{{ended}}:session:{session_id}"

    def ended_account(self, account_id: str) -> str:
        """Name the mark of all sessions of an account, on the same node: both are read in one command."""
        return f"{self.root}:{{ended}}:account:{account_id}"

    def used_token(self, token_id: str) -> str:
        """Name the mark of a used token id; hashed, because its issuer may choose any length."""
        return f"{self.root}:used-token:{hashlib.sha256(token_id.encode()).hexdigest()}"
