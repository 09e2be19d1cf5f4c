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
        self.trial = f"{self.root}:trial"

    def attempts(self, kind: str, subject: str) -> tuple[str, str]:
        """Name a subject's record of failures and its tries in flight."""
        tag = f"{self.root}:{{{kind}:{subject}}}"
        return f"{tag}:failures", f"{tag}:in-flight"

    def outdated_tries(self, kind: str, subject: str) -> str:
        """Name the mark of the tries that were in flight when what they prove was changed, on the same node."""
        return f"{self.root}:{{{kind}:{subject}}}:outdated"

    def one_time_code(self, kind: str, subject: str, purpose: str) -> tuple[str, str, str]:
        """Name a subject's code for one purpose, the mark that it was issued, and the wrong ones of every purpose."""
        tag = f"{self.root}:{{{kind}:{subject}}}"
        return f"{tag}:code:{purpose}", f"{tag}:code-issued:{purpose}", f"{tag}:wrong-codes"

    def link(self, purpose: str, secret: str) -> str:
        """Name what a link's secret opens."""
        return f"{self.root}:link:{purpose}:{sha256(secret)}"

    def good_links(self, kind: str, subject: str, purpose: str) -> str:
        """Name the set of a subject's links that are good."""
        return f"{self.root}:{{{kind}:{subject}}}:links:{purpose}"

    def link_claim(self, kind: str, subject: str, purpose: str, secret: str) -> str:
        """Name the claim of one link, on the same node as the set it stands in."""
        return f"{self.root}:{{{kind}:{subject}}}:link-claim:{purpose}:{sha256(secret)}"

    def sign_in(self, token: str) -> str:
        """Name a sign-in that takes several steps."""
        return f"{self.root}:{{sign-in}}:session:{sha256(token)}"

    def ended_sign_ins(self, account_id: str) -> str:
        """Name the mark of an account's ended sign-ins, on the same node: no step may be completed beside it."""
        return f"{self.root}:{{sign-in}}:ended:{account_id}"

    def browser_sign_in(self, state: str) -> str:
        """Name what a browser has to go on with that comes back with this `state`."""
        return f"{self.root}:browser-sign-in:{sha256(state)}"

    def spent_token(self, token: str) -> tuple[str, str, str]:
        """Name a token's turn, the mark that it works once, and what it was answered."""
        tag = f"{self.root}:{{token:{sha256(token)}}}"
        return f"{tag}:turn", f"{tag}:once", f"{tag}:answer"

    def checked_token(self, token: str) -> str:
        """Name the mark that Keycloak has lately said yes to a token."""
        return f"{self.root}:checked-token:{sha256(token)}"

    def opaque_session(self, token: str) -> str:
        """Name the session that an opaque token stands for."""
        return f"{self.root}:opaque-session:{sha256(token)}"

    def invitation(self, secret: str) -> tuple[str, str]:
        """Name what an invitation's secret opens, and the invitation's claim; all invitations are on one node."""
        return self.kept_invitation(sha256(secret)), f"{self.root}:{{invitations}}:claim:{sha256(secret)}"

    def kept_invitation(self, digest: str) -> str:
        """Name the same by the hash of the secret."""
        return f"{self.root}:{{invitations}}:kept:{digest}"

    def pending_invitation(self, invited: str) -> str:
        """Name the mark of the one good invitation of an address to an organization."""
        return f"{self.root}:{{invitations}}:pending:{invited}"

    def invitations_of(self, organization_id: str) -> str:
        """Name the set of an organization's invitations."""
        return f"{self.root}:{{invitations}}:of:{organization_id}"

    def limit(self, name: str, subject: str) -> str:
        """Name the counter of one limit, without the root: the limits library puts that in front."""
        return f"limit:{name}:{subject}"

    def counted_mail(self, mailbox: str, mail_id: str) -> str:
        """Name the mark of a mail that the limits of its mailbox, or of its kind, have counted."""
        return f"{self.root}:counted-mail:{mailbox}:{mail_id}"

    def pause(self, name: str, subject: str) -> str:
        """Name the pause after a mail of some kind; its value is the id of that mail."""
        return f"{self.root}:pause:{name}:{subject}"

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
        return f"{self.root}:used-token:{sha256(token_id)}"


def sha256(secret: str) -> str:
    """Return the hash of what must not be read in a key, or has no bounded length; of any text a request can hold."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
