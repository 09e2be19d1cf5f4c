"""How a person may prove who he is, and in which order."""

from enum import StrEnum


class SignInMethod(StrEnum):
    """One way to complete a step; the values are the words of organizations' settings (pipeshub contract section 4)."""

    PASSWORD = "password"  # noqa: S105 - a method's name, no password
    ONE_TIME_CODE = "otp"
    GOOGLE = "google"
    MICROSOFT = "microsoft"
    AZURE_AD = "azureAd"
    OAUTH = "oauth"
    SAML = "samlSso"

    @property
    def is_external(self) -> bool:
        """Say whether an identity provider of the realm vouches for the person."""
        return self not in (SignInMethod.PASSWORD, SignInMethod.ONE_TIME_CODE)


SignInSteps = tuple[tuple[SignInMethod, ...], ...]
"""The steps in their order; any one method of a step completes it."""
