"""Builds what is done with tokens and sessions."""

from gateway.app.use_cases.ground import Ground, Shared
from gateway.identity.account_tokens import AccountTokens
from gateway.identity.bearers import Bearers
from gateway.identity.rights import Rights
from gateway.identity.scoped_tokens import ScopedTokens
from gateway.identity.services import Services
from gateway.identity.sign_outs import SignOuts
from gateway.identity.single_use_refresh import SingleUseRefresh
from gateway.identity.use_cases import TokenCases


def token_cases(ground: Ground, shared: Shared) -> TokenCases:
    """Build the subject."""
    realm, state, events = ground.realm, ground.state, ground.events
    scoped_tokens = ScopedTokens(_keys(ground), ground.clock)
    return TokenCases(
        account_tokens=AccountTokens(realm, scoped_tokens, shared.steps),
        bearers=Bearers(realm, state, events),
        rights=_rights(ground),
        scoped_tokens=scoped_tokens,
        services=Services(scoped_tokens, events),
        sessions=shared.sessions,
        sign_outs=SignOuts(realm, shared.sessions, events, ground.clock),
        single_use_refresh=_single_use_refresh(ground, shared),
    )


def _single_use_refresh(ground: Ground, shared: Shared) -> SingleUseRefresh:
    return SingleUseRefresh(
        ground.realm,
        ground.state,
        shared.sessions,
        shared.single_use_tokens,
        ground.events,
        clock=ground.clock,
        grace=ground.settings.nap.refresh_grace,
    )


def _rights(ground: Ground) -> Rights:
    strict, group = ground.settings.toan.org_check == "strict", ground.settings.organizations.admins_group
    return Rights(ground.realm, ground.events, check_organizations=strict, admins_group=group)


def _keys(ground: Ground) -> list[bytes]:
    secret = ground.settings.pipeshub.scoped_token_secret
    return ground.state.secrets.keys("scoped-token") if secret is None else [secret.get_secret_value().encode()]
