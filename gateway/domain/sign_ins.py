"""A sign-in of several steps, as it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.domain.errors import MethodRefused
from gateway.domain.identity_providers import IdentityProvider
from gateway.domain.sign_in_methods import SignInMethod, SignInSteps


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """A sign-in under way.

    Attributes:
        token: what names it; a secret of whoever signs in.
        name: whom it is for, normalised.
        steps: as they were when it began.
        step: the step to be completed next, from 0.
        account_id: Keycloak user id proven so far, or None.
        proven_by: the methods of the completed steps.
        organization_id: of the organization whose steps they are, or None.
        providers: the identity provider of each external method of any step.
        creating: external methods by which who has no account gets one.
    """

    token: str = field(repr=False)
    name: str = field(repr=False)
    steps: SignInSteps
    step: int = 0
    account_id: str | None = None
    proven_by: tuple[SignInMethod, ...] = ()
    organization_id: str | None = None
    providers: Mapping[SignInMethod, IdentityProvider] = field(default_factory=dict, repr=False, compare=False)
    creating: frozenset[SignInMethod] = frozenset()

    @property
    def methods(self) -> tuple[SignInMethod, ...]:
        """What may complete the current step."""
        return self.steps[self.step]

    @property
    def is_at_last_step(self) -> bool:
        """Whether the current step finishes the sign-in."""
        return self.step + 1 == len(self.steps)

    @property
    def offers_accounts(self) -> bool:
        """Whether a method of the current step gives an account to who has none."""
        return not self.creating.isdisjoint(self.methods)

    @property
    def has_proven_password(self) -> bool:
        """Whether a completed step was proven by the password."""
        return SignInMethod.PASSWORD in self.proven_by

    def shows_owner_by(self, method: SignInMethod) -> bool:
        """Say whether a method completes a sign-in by which the address is proven, and no password."""
        proven = {*self.proven_by, method}
        is_address = SignInMethod.ONE_TIME_CODE in proven
        return self.is_at_last_step and is_address and SignInMethod.PASSWORD not in proven

    def providers_proven_by(self, method: SignInMethod) -> frozenset[str]:
        """Name the providers, by alias, that have vouched when a method completes the current step."""
        return frozenset(self.providers[each].alias for each in (*self.proven_by, method) if each in self.providers)

    def gives_account_by(self, method: SignInMethod) -> bool:
        """Say whether a method gives an account to who has none; not once a step has shown whose the sign-in is."""
        return self.account_id is None and method in self.creating

    def require(self, method: SignInMethod) -> None:
        """Demand that a method belongs to the current step.

        Raises:
            MethodRefused: it belongs to another step, or to none.
        """
        if method not in self.methods:
            raise MethodRefused
