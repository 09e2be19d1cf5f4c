"""What the published versions make of a refusal, each by its own document."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

_FALLBACK = "PipeshubDefaultError"


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the client.

    Attributes:
        requirements: name of its file in `requirements/clients/`.
        is_new: 1.1 or later: it reads nested refusals, and takes the body of *initAuth* as one argument.
        documented: its classes for documented refusals, each with the statuses of operations that it is for. Any other
            refusal is its fallback, which shows the body as it came.
    """

    requirements: str
    is_new: bool
    documented: Mapping[str, Mapping[str, Collection[int]]]

    def kind(self, operation: str, status: int) -> str:
        """Name the class that a caller has to catch."""
        kinds = (each for each, operations in self.documented.items() if status in operations.get(operation, ()))
        return next(kinds, _FALLBACK)


OLD = Version(
    requirements="pipeshub-sdk-1.0",
    is_new=False,
    documented={
        "AuthError": {
            "init_auth": (400, 403, 404),
            "authenticate": (400, 401, 403, 404, 410),
            "generate_login_otp": (400, 403, 404),
            "reset_password_with_token": (400,),
            "refresh_token": (401, 404),
        },
        "ResetPasswordBadRequestError": {"reset_password": (400,)},
    },
)
NEW = Version(
    requirements="pipeshub-sdk-1.7",
    is_new=True,
    documented={
        "ErrorResponse": {
            "init_auth": (400,),
            "authenticate": (400, 401, 404),
            "refresh_token": (400, 401, 404),
            "reset_password": (400, 401, 404),
        },
    },
)
