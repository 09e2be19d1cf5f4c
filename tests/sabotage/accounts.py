"""Faults in whose an account is: mails, links, external identities, steps, rights (S14 to S19, S26 to S29)."""

from tests.sabotage.fault import Fault

_RESET = "surfaces/kestra/test_reset_password.py"
_STRANGERS = "surfaces/pipeshub/test_external_strangers.py"

FAULTS = (
    Fault(
        "a refused password uses the link up",
        "S14",
        "identity/link_reset.py",
        """        await self._new_passwords.set(new, effects, caller)
        await claim.consume()
""",
        """        await claim.consume()
        await self._new_passwords.set(new, effects, caller)
""",
        (f"{_RESET}::test_a_weak_password_is_refused_and_a_good_one_taken_with_the_same_link",),
    ),
    Fault(
        "a link for as many as come at once",
        "S14",
        "state/lua/claim_link.lua",
        "redis.call('SET', KEYS[2], ARGV[2], 'NX', 'PX', ARGV[3])",
        "redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])",
        ("state/test_link_claims.py::test_of_fifty_claims_at_once_on_two_replicas_one_is_given",),
    ),
    Fault(
        "older links stay good",
        "S14",
        "identity/reset_links.py",
        "self._links.issue(LinkPurpose.RESET, subject, lifetime, content=content)",
        "self._links.issue(LinkPurpose.RESET, subject, lifetime, content=content, limit_one=False)",
        ("surfaces/cyclos/test_forgotten_password.py::test_a_newer_key_cancels_the_older_ones",),
    ),
    Fault(
        "a link from the host that a request names",
        "S15",
        "web/operation.py",
        "        await _response(answer, services.site)(scope, receive, send)\n",
        """        said = headers.get("x-forwarded-host", headers["host"])
        site = Site(f"https://{said}", services.site.prefix, services.site.https)
        await _response(answer, site)(scope, receive, send)
""",
        ("web/test_redirects.py::test_a_page_of_the_front_end_stands_below_its_address",),
    ),
    Fault(
        "any host answered",
        "S15",
        "web/hosts.py",
        """        if name not in self._names and name != scope["server"][0].encode():
""",
        """        if not name:
""",
        ("web/test_hosts.py::test_any_other_name_is_refused",),
    ),
    Fault(
        "names are markup in mails",
        "S16",
        "mail/rendering.py",
        '"parts": "parts.html"}, escaping=True)',
        '"parts": "parts.html"}, escaping=False)',
        ("mail/test_rendering.py::test_a_name_is_never_markup_and_never_a_template",),
    ),
    Fault(
        "display names and quotes in addresses",
        "S16",
        "domain/mail_addresses.py",
        """    if len(text) > MAX_ADDRESS or not text.isprintable() or text.count("@") != 1 or _SEPARATORS.search(text):
        raise ValueError(f"must be one address such as `name@example.org`, of at most {MAX_ADDRESS} characters")
    try:
        found = email_validator.validate_email(text, check_deliverability=False, globally_deliverable=False)
""",
        """    lenient = {"allow_quoted_local": True, "allow_display_name": True}
    if len(text) > MAX_ADDRESS:
        raise ValueError("too long")
    try:
        found = email_validator.validate_email(text, check_deliverability=False, globally_deliverable=False, **lenient)
""",
        ("domain/test_mail_addresses.py::test_what_is_not_one_address_is_refused_without_being_repeated",),
    ),
    Fault(
        "the owner is not told of a new password",
        "S17",
        "identity/new_passwords.py",
        "        await self._notices.password_changed(effects.account_id)\n",
        "",
        (f"{_RESET}::test_the_owner_is_told",),
    ),
    Fault(
        "an identity linked by an address that nobody has verified",
        "S18",
        "identity/external_identities.py",
        """    if not is_asserted and not is_trusted:
        raise IdentityRefused("unverified_address")
""",
        "",
        (f"{_STRANGERS}::test_an_address_that_the_provider_has_not_verified_takes_nothing",),
    ),
    Fault(
        "a stranger's password survives the owner's first sign-in",
        "S18",
        "identity/ownership.py",
        "        await self._realm.credentials.remove_first_factors(account.id)\n",
        "",
        (f"{_STRANGERS}::test_linking_takes_the_account_from_the_stranger",),
    ),
    Fault(
        "text messages of nobody in particular",
        "S19",
        "identity/texter.py",
        "service=self.service",
        'service=""',
        ("surfaces/cyclos/test_sent_codes.py::test_a_text_message_goes_to_the_number_that_the_realm_keeps",),
    ),
    Fault(
        "one seal for every purpose",
        "S26",
        "state/secrets.py",
        'f"seal {purpose}"',
        '"seal"',
        ("state/test_secrets.py::test_a_seal_of_one_purpose_does_not_open_for_another",),
    ),
    Fault(
        "a later step by another account",
        "S27",
        "state/lua/complete_step.lua",
        """if account and account ~= ARGV[2] then
  return 'another_account'
end
""",
        "",
        ("state/test_sign_in_sessions.py::test_another_account_cannot_complete_a_later_step",),
    ),
    Fault(
        "tokens before the last step",
        "S27",
        "identity/candidates.py",
        "return self.account.email_verified and is_settled and not self.second_factor",
        "return self.account.email_verified and not self.second_factor",
        ("surfaces/nap/test_login.py::test_a_member_of_two_organizations_gets_a_flow_and_no_session",),
    ),
    Fault(
        "a link instead of the further steps",
        "S27",
        "identity/link_reset.py",
        "        if len(steps) > 1 or _ENOUGH_ALONE.isdisjoint(steps[0]):\n",
        "        if _ENOUGH_ALONE.isdisjoint(steps[0]):\n",
        ("surfaces/pipeshub/test_resets.py::test_a_link_does_not_skip_the_second_step",),
    ),
    Fault(
        "a session before the last step",
        "S27",
        "identity/proven_steps.py",
        "            await self._realm.tokens.end_session(tokens.refresh_token)\n",
        "",
        ("surfaces/pipeshub/test_saml.py::test_before_the_last_step_no_session_of_keycloaks_remains",),
    ),
    Fault(
        "only the administrator's organization looked at",
        "S28",
        "identity/rights.py",
        """        if organization and not await self._realm.organizations.has_member(organization, target.id):
            raise AccountNotFound
""",
        "",
        ("surfaces/toan/test_admin.py::test_other_organizations_member_is_not_found",),
    ),
    Fault(
        "a right that lasts as long as its token",
        "S28",
        "identity/rights.py",
        "return person.administers_realm and await self._realm.administrators.include(person.account_id)",
        "return person.administers_realm",
        ("surfaces/toan/test_admin.py::test_right_that_was_taken_away_does_not_last_as_long_as_the_token",),
    ),
    Fault(
        "an invitation gives any role",
        "S28",
        "identity/inviting_services.py",
        "            await self._granting.require_harmless(grants)\n",
        "",
        ("surfaces/kestra/test_invitation_rights.py::test_nobody_administers_anything_by_an_invitation",),
    ),
    Fault(
        "a second factor skipped",
        "S29",
        "identity/proven_steps.py",
        "        if profile.second_factor or await self._realm.credentials.second_factors(account.id):\n",
        "        if profile.second_factor and profile.needs_action:\n",
        ("surfaces/pipeshub/test_required_actions.py::test_a_second_factor_enrolled_in_keycloak_is_never_skipped",),
    ),
    Fault(
        "a factor enrolled meanwhile skipped",
        "S29",
        "identity/pausing_sign_in.py",
        """        if profile.second_factor != paused.needs_code:
            raise TokenRefused
        if not paused.needs_code and await self._realm.credentials.second_factors(paused.account_id):
            raise TokenRefused
""",
        "",
        ("surfaces/nap/test_flow_codes.py::test_a_factor_that_was_enrolled_meanwhile_is_not_skipped",),
    ),
    Fault(
        "whoever signs up has proven the address",
        "S18",
        "keycloak/new_accounts.py",
        '"emailVerified": person.email_verified',
        '"emailVerified": True',
        ("surfaces/nap/test_sign_up.py::test_nobody_smuggles_more_than_is_documented",),
    ),
)
