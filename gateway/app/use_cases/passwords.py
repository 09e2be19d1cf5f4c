"""Builds what gives people new passwords."""

from datetime import timedelta

from gateway.app.use_cases.ground import Ground, Shared
from gateway.identity.forgotten_keys import KEY_REQUEST, ForgottenKeys
from gateway.identity.forgotten_password import ForgottenPassword
from gateway.identity.link_reset import LinkReset
from gateway.identity.mail_requests import MailRequests, RequestTerms
from gateway.identity.mailer import Most
from gateway.identity.new_passwords import NewPasswords
from gateway.identity.password_reset import PasswordReset, ResetMailTerms
from gateway.identity.passwords import Passwords
from gateway.identity.reset_links import ResetPages
from gateway.identity.reset_mails import ResetMails
from gateway.identity.reset_requests import RESET_REQUEST, ResetRequests
from gateway.identity.use_cases import PasswordCases, TokenCases
from gateway.mail.pages import Pages

_HOUR = timedelta(hours=1)


def password_cases(ground: Ground, shared: Shared, tokens: TokenCases) -> PasswordCases:
    """Build the subject."""
    new_passwords = NewPasswords(
        ground.realm, ground.state, shared.sessions, shared.notices, shared.ownership, events=ground.events
    )
    link_reset = _link_reset(ground, shared, tokens, new_passwords)
    return PasswordCases(
        forgotten_keys=_forgotten_keys(ground, shared, link_reset),
        forgotten_password=_forgotten_password(ground, shared, tokens),
        link_reset=link_reset,
        new_passwords=new_passwords,
        password_reset=_password_reset(ground),
        passwords=Passwords(
            ground.realm,
            shared.guesses,
            new_passwords,
            ground.events,
            ground.unfinished,
            captchas=shared.captchas,
            proven_steps=shared.proven_steps,
        ),
        reset_requests=_reset_requests(ground, shared),
    )


def _forgotten_password(ground: Ground, shared: Shared, tokens: TokenCases) -> ForgottenPassword:
    own = ground.settings.pipeshub
    pages = ResetPages(shared.reset_links, ground.pages, own.reset_ttl, tokens.account_tokens)
    return ForgottenPassword(
        ground.realm,
        ground.state,
        ground.mailer,
        ResetMails(pages, ground.mailer, ground.events),
        ground.events,
        captchas=shared.captchas,
        most=own.forgot_request_limit,
    )


def _link_reset(ground: Ground, shared: Shared, tokens: TokenCases, new_passwords: NewPasswords) -> LinkReset:
    return LinkReset(
        ground.realm,
        shared.reset_links,
        tokens.scoped_tokens,
        new_passwords,
        shared.steps,
        events=ground.events,
        unfinished=ground.unfinished,
    )


def _password_reset(ground: Ground) -> PasswordReset:
    own = ground.settings.toan
    terms = ResetMailTerms(own.mail_limit, own.mail_window, own.reset_link_lifetime)
    return PasswordReset(ground.realm, ground.state, ground.mailer, ground.events, terms)


def _reset_requests(ground: Ground, shared: Shared) -> ResetRequests:
    own = ground.settings.kestra
    page = ground.settings.links.model_copy(update={"password_reset": own.reset_url})
    pages = ResetPages(shared.reset_links, Pages(page, ground.settings.server.public_url), own.reset_token_ttl)
    mails = ResetMails(pages, ground.mailer, ground.events, pause=own.reset_cooldown)
    terms = RequestTerms(RESET_REQUEST, own.reset_max_requests, own.reset_window)
    requests = MailRequests(ground.state, ground.mailer, terms)
    return ResetRequests(ground.realm, requests, ground.mailer, mails, ground.events)


def _forgotten_keys(ground: Ground, shared: Shared, link_reset: LinkReset) -> ForgottenKeys:
    own = ground.settings.cyclos
    return ForgottenKeys(
        ground.realm,
        _key_requests(ground, shared),
        shared.reset_links,
        link_reset,
        ground.mailer,
        events=ground.events,
        unfinished=ground.unfinished,
        is_on=own.forgotten_password,
        generates=own.password_mode == "generated",  # noqa: S105 - a word, no password
    )


def _key_requests(ground: Ground, shared: Shared) -> ResetRequests:
    own, settings = ground.settings.cyclos, ground.settings
    page = settings.links.model_copy(update={"password_reset": own.forgotten_url.replace("{key}", "{token}")})
    pages = ResetPages(shared.reset_links, Pages(page, settings.server.public_url), own.forgotten_key_ttl)
    most = Most(own.forgotten_max_mails, own.forgotten_window)
    mails = ResetMails(pages, ground.mailer, ground.events, most=most, reminds=True)
    # Of requests there is no limit but that of all mails.
    terms = RequestTerms(KEY_REQUEST, settings.limits.mails_per_address, _HOUR)
    requests = MailRequests(ground.state, ground.mailer, terms)
    return ResetRequests(ground.realm, requests, ground.mailer, mails, ground.events, shared.principals.find_forgetful)
