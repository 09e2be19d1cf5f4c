"""Links that are good."""

from gateway.domain.purposes import LinkPurpose
from gateway.state.links import Claim, Links

RESET = LinkPurpose.RESET


async def claimed(links: Links, secret: str, purpose: LinkPurpose = RESET) -> Claim:
    """Claim a link that is good."""
    claim = await links.claim(purpose, secret)
    assert claim is not None
    return claim
