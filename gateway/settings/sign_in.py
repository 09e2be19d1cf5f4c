"""How people sign in when their organization does not say otherwise."""

from datetime import timedelta

from pydantic import Field, field_validator

from gateway.domain.sign_in_methods import SignInSteps, steps_of
from gateway.settings.values import Seconds, Section


class SignInSettings(Section):
    """Sign-ins of several steps."""

    steps: str = Field(
        '[["password"]]',
        max_length=1024,
        description="steps for people without an organization, or whose organization has no attribute "
        "`gateway.auth_steps`: a JSON list of steps, each a list of methods",
    )
    code_lifetime: Seconds = Field(
        timedelta(minutes=10), ge=timedelta(seconds=1), description="how long a mailed code works"
    )

    @field_validator("steps")
    @classmethod
    def _readable(cls, steps: str) -> str:
        steps_of(steps)
        return steps

    @property
    def default_steps(self) -> SignInSteps:
        """The steps, read."""
        return steps_of(self.steps)
