"""Where browsers that sign in by SAML are sent, and what they keep (contract section 12)."""

from urllib.parse import urlencode

from gateway.domain import errors as reasons
from gateway.domain.sign_ins import OpenSignIn
from gateway.domain.tokens import Tokens
from gateway.identity.brokered_sign_in import AWAY, Departure
from gateway.web import refusals
from gateway.web.cookies import Cookie
from gateway.web.redirects import FrontEndPage, Redirect

SAML_CALLBACK = "/saml/signIn/callback"
BROWSER_COOKIE = "samlSignIn"
"""Binds a sign-in to the browser that began it."""

_ACCESS_SECONDS = 3600
_REFRESH_SECONDS = 604800
_SIGNED_IN = "/auth/sign-in/samlSso/success"
_NEXT_STEP = "/auth/sign-in"
_FAILED = "/login"
_CODES: dict[type[Exception], str] = {
    reasons.TokenRefused: "auth_failed",
    reasons.IdentityRefused: "auth_failed",
    refusals.InvalidRequest: "auth_failed",
    reasons.SignInNotFound: "session_expired",
    reasons.AnothersIdentity: "email_mismatch",
    reasons.MethodRefused: "saml_sso_disabled",
    reasons.SignInStepsUnusable: "saml_sso_disabled",
    reasons.AccountNotFound: "jit_disabled",
    reasons.AccountLocked: "account_blocked",
    Exception: "unknown",
}


def departure(to: Departure) -> Redirect:
    """Send a browser to the provider."""
    binding = Cookie(BROWSER_COOKIE, to.browser, int(AWAY.total_seconds()), "Lax", path=SAML_CALLBACK, http_only=True)
    return Redirect(to.address, (binding,))


def arrival(progress: Tokens | OpenSignIn) -> Redirect:
    """Send a browser that has come back to what its step has led to."""
    if isinstance(progress, OpenSignIn):
        # Behind `#`, so that no server and no log sees it.
        told = urlencode({"sessionToken": progress.token, "nextStep": progress.step})
        return Redirect(FrontEndPage(f"{_NEXT_STEP}#{told}"))
    kept = (
        Cookie("accessToken", progress.access_token, _ACCESS_SECONDS, "None", always_secure=True),
        Cookie("refreshToken", progress.refresh_token, _REFRESH_SECONDS, "None", always_secure=True),
    )
    return Redirect(FrontEndPage(_SIGNED_IN), kept)


def failure(reason: Exception) -> Redirect:
    """Send a browser that has come back in vain to the page that tells why."""
    code = next(_CODES[each] for each in type(reason).__mro__ if each in _CODES)
    return Redirect(FrontEndPage(f"{_FAILED}?saml_error={code}"))
