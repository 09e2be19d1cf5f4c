"""Owns the building of the use-cases: a module for each subject."""

import time

from gateway.app.use_cases.accounts import account_cases
from gateway.app.use_cases.ground import Ground, Outside, shared
from gateway.app.use_cases.passwords import password_cases
from gateway.app.use_cases.sign_ins import sign_in_cases
from gateway.app.use_cases.stepwise import stepwise_cases
from gateway.app.use_cases.tokens import token_cases
from gateway.app.use_cases.visits import visit_cases
from gateway.identity.mailer import Mailer
from gateway.identity.security_events import SecurityEvents
from gateway.identity.use_cases import Identity
from gateway.mail.pages import Pages
from gateway.settings import Settings
from gateway.unfinished import Unfinished

__all__ = ["Outside", "identity_of"]


def identity_of(settings: Settings, outside: Outside, events: SecurityEvents, unfinished: Unfinished) -> Identity:
    """Build the use-cases.

    Args:
        settings: of the whole gateway.
        outside: what they speak through.
        events: where they tell what happened.
        unfinished: where they leave what goes on after an answer.
    """
    ground = Ground(
        settings,
        outside.realm,
        outside.state,
        Mailer(outside.realm, outside.state, outside.sender),
        Pages(settings.links, settings.server.public_url),
        events,
        unfinished,
        time.time,  # noqa: TID251 - the clock is handed out from here
    )
    common = shared(ground, outside.captcha)
    tokens, sign_ins = token_cases(ground, common), sign_in_cases(ground, common)
    stepwise = stepwise_cases(ground, common, outside.identity_providers)
    passwords = password_cases(ground, common, tokens)
    accounts = account_cases(ground, common, tokens, sign_ins)
    visits = visit_cases(ground, common, sign_ins, outside.sms)
    return Identity(
        **vars(tokens), **vars(sign_ins), **vars(stepwise), **vars(passwords), **vars(accounts), **vars(visits)
    )
