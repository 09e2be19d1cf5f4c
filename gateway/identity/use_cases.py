"""All use-cases together, as the surfaces see them."""

from dataclasses import dataclass

from gateway.identity.bearers import Bearers
from gateway.identity.password_reset import PasswordReset
from gateway.identity.passwords import Passwords
from gateway.identity.rights import Rights
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn


@dataclass(frozen=True, slots=True)
class Identity:
    """What the gateway can do for a person."""

    bearers: Bearers
    password_reset: PasswordReset
    passwords: Passwords
    rights: Rights
    sessions: Sessions
    sign_in: SignIn
