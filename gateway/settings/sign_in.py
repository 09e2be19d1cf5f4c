"""How people sign in when their organization does not say otherwise."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, field_validator

from gateway.domain.sign_in_methods import SignInMethod, SignInSteps, steps_of
from gateway.settings.values import Listed, Seconds, Section

_ALIASES = ["google=google", "microsoft=microsoft", "azureAd=azuread", "oauth=oauth", "samlSso=saml"]

ProviderAlias = Annotated[
    str, Field(pattern=r"^(google|microsoft|azureAd|oauth|samlSso)=[A-Za-z0-9_][A-Za-z0-9_.~-]{0,254}$")
]


class SignInSettings(Section):
    """Sign-ins of several steps."""

    steps: str = Field(
        '[["password"]]',
        max_length=1024,
        description="steps for people without an organization, or whose organization has no attribute "
        "`gateway.auth_steps`: a JSON list of steps, each a list of methods",
    )
    code_lifetime: Seconds = Field(
        timedelta(minutes=10),
        ge=timedelta(seconds=1),
        le=timedelta(hours=1),
        description="how long a mailed code works",
    )

    identity_providers: Annotated[list[ProviderAlias], Listed] = Field(
        _ALIASES,
        max_length=5,
        description="alias of the realm's identity provider for a method, as `method=alias`; a method that is not "
        "named keeps the default. An organization's own provider may be called `<alias>-<its alias>`",
    )
    jit_methods: Annotated[list[Literal["google", "microsoft", "azureAd", "oauth", "samlSso"]], Listed] = Field(
        [], description="methods of identity providers by which who has no account gets one at the first sign-in"
    )
    insecure_providers: bool = Field(
        default=False, description="allow `http://` to identity providers that are not on loopback"
    )

    @field_validator("steps")
    @classmethod
    def _readable(cls, steps: str) -> str:
        steps_of(steps)
        return steps

    @field_validator("identity_providers")
    @classmethod
    def _once(cls, pairs: list[str]) -> list[str]:
        if len({pair.partition("=")[0] for pair in pairs}) < len(pairs):
            raise ValueError("a method may occur once only")
        return pairs

    @property
    def provider_aliases(self) -> Mapping[SignInMethod, str]:
        """The alias for each external method."""
        pairs = (pair.split("=") for pair in (*_ALIASES, *self.identity_providers))
        return {SignInMethod(method): alias for method, alias in pairs}

    @property
    def creating_methods(self) -> frozenset[SignInMethod]:
        """The methods by which accounts are made."""
        return frozenset(map(SignInMethod, self.jit_methods))

    @property
    def default_steps(self) -> SignInSteps:
        """The steps, read."""
        return steps_of(self.steps)
