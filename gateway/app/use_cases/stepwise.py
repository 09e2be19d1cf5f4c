"""Builds the sign-in step by step, as each organization wants it."""

from gateway.app.surfaces import saml_callback
from gateway.app.use_cases.ground import Ground, Shared
from gateway.identity.brokered_sign_in import BrokeredSignIn
from gateway.identity.code_mails import CodeMails
from gateway.identity.external_identities import ExternalIdentities
from gateway.identity.external_steps import ExternalSteps
from gateway.identity.federation import Federation
from gateway.identity.mailed_codes import MailedCodes
from gateway.identity.sign_in_accounts import SignInAccounts
from gateway.identity.stepwise_sign_in import StepwiseSignIn
from gateway.identity.use_cases import StepwiseCases
from gateway.identity.vouched_accounts import VouchedAccounts
from gateway.third_parties.identity_providers import IdentityProviders


def stepwise_cases(ground: Ground, shared: Shared, identity_providers: IdentityProviders) -> StepwiseCases:
    """Build the subject."""
    accounts = SignInAccounts(ground.realm, conceal_unknown=ground.settings.pipeshub.conceal_unknown_users)
    stepwise = _stepwise_sign_in(ground, shared, accounts)
    return StepwiseCases(
        brokered_sign_in=_brokered_sign_in(ground, shared, accounts, stepwise),
        external_steps=_external_steps(ground, shared, accounts, identity_providers),
        mailed_codes=_mailed_codes(ground, shared, accounts),
        organization_steps=shared.steps,
        stepwise_sign_in=stepwise,
    )


def _stepwise_sign_in(ground: Ground, shared: Shared, accounts: SignInAccounts) -> StepwiseSignIn:
    return StepwiseSignIn(
        ground.realm,
        ground.state,
        shared.guesses,
        shared.steps,
        shared.proven_steps,
        shared.ownership,
        passwords=shared.password_proofs,
        accounts=accounts,
        captchas=shared.captchas,
        events=shared.sign_in_events,
        lifetime=ground.settings.pipeshub.session_ttl,
    )


def _brokered_sign_in(
    ground: Ground, shared: Shared, accounts: SignInAccounts, stepwise: StepwiseSignIn
) -> BrokeredSignIn:
    return BrokeredSignIn(
        ground.realm,
        ground.state,
        shared.guesses,
        stepwise,
        shared.proven_steps,
        accounts=accounts,
        vouched=VouchedAccounts(ground.realm, shared.new_members),
        ownership=shared.ownership,
        events=shared.sign_in_events,
        callback=saml_callback(ground.settings),
    )


def _external_steps(
    ground: Ground, shared: Shared, accounts: SignInAccounts, identity_providers: IdentityProviders
) -> ExternalSteps:
    return ExternalSteps(
        accounts,
        shared.guesses,
        ExternalIdentities(identity_providers),
        Federation(ground.realm, shared.ownership, shared.new_members, shared.notices, ground.events),
        shared.ownership,
        shared.proven_steps,
        events=shared.sign_in_events,
    )


def _mailed_codes(ground: Ground, shared: Shared, accounts: SignInAccounts) -> MailedCodes:
    settings = ground.settings
    return MailedCodes(
        ground.realm,
        ground.state,
        shared.guesses,
        shared.steps,
        ground.mailer,
        ground.events,
        mails=CodeMails(ground.state, ground.mailer, ground.events, settings.sign_in.code_lifetime),
        accounts=accounts,
        captchas=shared.captchas,
        unfinished=ground.unfinished,
        most=settings.pipeshub.otp_request_limit,
    )
