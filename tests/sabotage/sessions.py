"""Faults in tokens and sessions: how they are judged, and when they end (S20 to S25)."""

from tests.sabotage.fault import Fault

FAULTS = (
    Fault(
        "a sign-in goes on under the token of who began it",
        "S20",
        "identity/proven_steps.py",
        "self._state.sign_in_sessions.advance_renewed",
        "self._state.sign_in_sessions.advance",
        ("surfaces/pipeshub/test_saml.py::test_who_has_sent_somebody_else_to_the_provider_does_not_go_on_for_him",),
    ),
    Fault(
        "sessions kept after a reset",
        "S21",
        "identity/sessions.py",
        "others = [each for each in await self._realm.sessions.of(account_id) if each.id != kept]",
        "others = [each for each in await self._realm.sessions.of(account_id) if each.offline and each.id != kept]",
        ("surfaces/kestra/test_reset_password.py::test_every_session_ends",),
    ),
    Fault(
        "codes kept after a reset",
        "S21",
        "identity/new_passwords.py",
        "                self._state.one_time_codes.void_all(subject),\n",
        "",
        ("surfaces/kestra/test_reset_password.py::test_codes_are_void",),
    ),
    Fault(
        "sign-ins under way kept after a new password",
        "S21",
        "identity/new_passwords.py",
        "                self._state.sign_in_sessions.end_all(account_id),\n",
        "",
        ("surfaces/pipeshub/test_resets.py::test_a_changed_password_ends_sign_ins_under_way",),
    ),
    Fault(
        "the deny list not read",
        "S22",
        "identity/bearers.py",
        """            if await ended.includes(person.session_id, person.account_id, person.issued_at):
                raise NotSignedIn
""",
        """            pass
""",
        ("surfaces/toan/test_deny_list.py::test_logout_is_on_it",),
    ),
    Fault(
        "back-channel logout ignored",
        "S22",
        "identity/sessions.py",
        "        await self._deny(token)\n",
        "",
        ("surfaces/backchannel_logout/test_backchannel_logout.py::test_session_is_refused_from_then_on",),
    ),
    Fault(
        "any token taken for a logout token",
        "S22",
        "keycloak/access_tokens.py",
        """        _require(isinstance(events, dict) and isinstance(events.get(_LOGOUT_EVENT), dict))
""",
        "",
        ("keycloak/test_logout_tokens.py::test_wrong_logout_token_is_refused",),
    ),
    Fault(
        "a sign-out that forgets Keycloak",
        "S22",
        "identity/sessions.py",
        "        await self._end_one(person.session_id)\n",
        "",
        ("surfaces/nap/test_logout.py::test_a_session_token_ends_its_session_only",),
    ),
    Fault(
        "Keycloak is not asked again",
        "S22",
        "identity/opaque_sessions.py",
        "return await self._rechecked(found, organization) if found.is_due else session",
        "return session",
        ("surfaces/cyclos/test_sessions.py::test_without_being_told_keycloak_is_asked_within_the_recheck_span",),
    ),
    Fault(
        "rotation without grace",
        "S23",
        "state/lua/spend_token.lua",
        "  return answer and { 'again', answer } or { 'spent' }\n",
        "  return { 'spent' }\n",
        ("surfaces/nap/test_refresh.py::test_thirty_refreshes_at_once_get_one_new_token_and_the_session_lives",),
    ),
    Fault(
        "a reuse that ends nothing",
        "S23",
        "identity/single_use_refresh.py",
        "        await self._sessions.end_reused(says.session_id, says.account_id, caller)\n",
        "",
        ("surfaces/nap/test_refresh.py::test_a_reuse_later_ends_the_session",),
    ),
    Fault(
        "a token that works once refreshed at another surface",
        "S23",
        "identity/sessions.py",
        """            if await self._state.spent_tokens.includes(refresh_token):
                raise TokenRefused
""",
        "",
        ("surfaces/nap/test_refresh.py::test_a_used_token_is_refused_by_the_other_surfaces",),
    ),
    Fault(
        "a sign-in that can be prolonged for ever",
        "S24",
        "state/lua/complete_step.lua",
        "local life = math.min(tonumber(kept[5]), kept[6] + kept[7] - now)",
        "local life = tonumber(kept[5])",
        ("state/test_sign_in_sessions.py::test_no_step_prolongs_a_sign_in_beyond_a_day",),
    ),
    Fault(
        "the algorithm from the token",
        "S25",
        "jose/signatures.py",
        """            jws.deserialize_compact(token, key, registry=self._registry)
        return compact.claims

    def _named_in(self, compact: Compact, types: Collection[str | None]) -> tuple[str, str]:
        header = compact.header
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms or not isinstance(key_id, str):
""",
        """            registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
            jws.deserialize_compact(token, key, registry=registry)
        return compact.claims

    def _named_in(self, compact: Compact, types: Collection[str | None]) -> tuple[str, str]:
        header = compact.header
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or not isinstance(key_id, str):
""",
        ("keycloak/test_access_tokens.py::test_algorithm_that_the_settings_leave_out_is_refused",),
    ),
    Fault(
        "no audience looked at",
        "S25",
        "keycloak/access_tokens.py",
        "        _require(self._clients.gateway.id in _audience(claims))\n",
        "",
        ("keycloak/test_access_tokens.py::test_token_with_wrong_claims_is_refused_however_well_signed",),
    ),
    Fault(
        "an ID token taken for an access token",
        "S25",
        "keycloak/access_tokens.py",
        """        _require(claims.get("typ") == "Bearer")
""",
        "",
        ("keycloak/test_access_tokens.py::test_id_and_refresh_tokens_are_no_access_tokens",),
    ),
    Fault(
        "the key from the token",
        "S25",
        "jose/signatures.py",
        "if not _DICTATING.isdisjoint(header) or not isinstance",
        "if not isinstance",
        ("keycloak/test_forged_access_tokens.py::test_token_that_dictates_how_it_is_judged_is_refused",),
    ),
    Fault(
        "keys fetched for every unknown one",
        "S25",
        "jose/key_sets.py",
        "        elif self._has_rested(self._searched_at, _MIN_REFETCH):\n",
        "        else:\n",
        ("keycloak/test_signing_keys.py::test_hundred_unknown_keys_fetch_once_more",),
    ),
    Fault(
        "a token that has expired",
        "S25",
        "keycloak/access_tokens.py",
        """        _require(seconds_of(claims, "exp") > now - self._leeway)
""",
        "",
        ("keycloak/test_access_tokens.py::test_token_expires_by_the_clock",),
    ),
)
