"""Faults that help whoever guesses: limits, codes, and what refusals tell (S1 to S13)."""

from tests.sabotage.fault import Fault

FAULTS = (
    Fault(
        "the lock dropped",
        "S1",
        "state/lua/settle_try.lua",
        "if failures < tonumber(ARGV[3]) and not for_good then",
        "if not for_good then",
        ("state/test_attempts.py::test_five_wrong_in_a_row_lock_for_fifteen_minutes",),
    ),
    Fault(
        "counted per name instead of per account",
        "S2",
        "identity/guesses.py",
        """        if account is not None:
            return Subject.account(account.id)
        return self._state.unknown(name)
""",
        """        return self._state.unknown(name)
""",
        ("surfaces/toan/test_lockout.py::test_twelve_spellings_are_one_account",),
    ),
    Fault(
        "counted per raw name",
        "S2",
        "domain/accounts.py",
        "    return name.lower()\n",
        "    return name\n",
        ("domain/test_accounts.py::test_spellings_that_keycloak_takes_for_one_account_are_one_name",),
    ),
    Fault(
        "counted after the check instead of before it",
        "S3",
        "state/lua/admit_try.lua",
        "if in_flight > 0 and (in_flight >= may_fail or (at_once > 0 and in_flight >= at_once)) then",
        "if at_once > 0 and in_flight >= at_once then",
        ("state/test_attempt.py::test_of_eighty_guesses_at_once_only_few_are_evaluated",),
    ),
    Fault(
        "a cancelled request is not counted",
        "S4",
        "unfinished.py",
        "        return await asyncio.shield(self.begin(work))\n",
        "        return await work\n",
        ("test_unfinished.py::test_work_goes_to_the_end_when_who_waits_is_cancelled",),
    ),
    Fault(
        "parallel sign-ins beside Keycloak's own detection",
        "S5",
        "identity/guesses.py",
        "at_once = 1 if alone or await self._realm.brute_force_detection() else None",
        "at_once = 1 if alone else None",
        ("surfaces/toan/test_lockout_races.py::test_right_sign_ins_at_once_pass_with_keycloaks_own_detection",),
    ),
    Fault(
        "a code may be guessed at for ever",
        "S6",
        "state/lua/check_code.lua",
        "if redis.call('HINCRBY', KEYS[1], 'wrong', 1) >= tonumber(ARGV[3]) then",
        "if redis.call('HINCRBY', KEYS[1], 'wrong', 1) > 1000 * tonumber(ARGV[3]) then",
        ("state/test_one_time_codes.py::test_a_code_is_void_after_five_wrong_entries",),
    ),
    Fault(
        "a new code gives new tries",
        "S6",
        "state/lua/issue_code.lua",
        "redis.call('DEL', KEYS[1])",
        "redis.call('DEL', KEYS[1], KEYS[3])",
        ("state/test_codes_in_an_hour.py::test_twenty_wrong_within_an_hour_end_issuing_and_checking",),
    ),
    Fault(
        "a code bound to nothing",
        "S7",
        "state/one_time_codes.py",
        "json.dumps([purpose, subject.kind, subject.key, binding, code])",
        "json.dumps([code])",
        ("state/test_one_time_codes.py::test_a_stored_code_is_worthless_in_another_place",),
    ),
    Fault(
        "a code not bound to its sign-in",
        "S7",
        "state/one_time_codes.py",
        "json.dumps([purpose, subject.kind, subject.key, binding, code])",
        "json.dumps([purpose, subject.kind, subject.key, code])",
        ("surfaces/cyclos/test_secondary_password_tries.py::test_a_code_is_good_once_and_in_its_own_session_only",),
    ),
    Fault(
        "a code usable twice",
        "S8",
        "state/lua/check_code.lua",
        "  redis.call('SET', KEYS[2], ARGV[2], 'KEEPTTL')\n",
        "",
        ("surfaces/kestra/test_login.py::test_a_code_signs_in_once",),
    ),
    Fault(
        "a state looked at and then deleted",
        "S8",
        "state/browser_sign_ins.py",
        '        sealed = await self._redis.write("GETDEL", self._keys.browser_sign_in(state))\n',
        """        sealed = await self._redis.read("GET", self._keys.browser_sign_in(state))
        await self._redis.write("DEL", self._keys.browser_sign_in(state))
""",
        ("state/test_browser_sign_ins.py::test_of_forty_at_once_on_two_replicas_one_takes_it",),
    ),
    Fault(
        "short secrets in links",
        "S9",
        "state/links.py",
        "_SECRET_BYTES = 32",
        "_SECRET_BYTES = 9",
        ("state/test_links.py::test_secrets_are_long_and_url_safe_and_differ",),
    ),
    Fault(
        "the leftmost forwarded address believed",
        "S10",
        "web/client_address.py",
        "for entry in reversed(entries):",
        "for entry in entries:",
        ("web/test_client_address.py::test_what_a_client_invents_stands_left_of_its_address",),
    ),
    Fault(
        "the server believes proxies by itself",
        "S10",
        "web/server.py",
        "proxy_headers=False",
        "proxy_headers=True",
        ("surfaces/toan/test_forwarded_addresses.py::test_stranger_invents_addresses_in_vain",),
    ),
    Fault(
        "a blocked address may go on",
        "S10",
        "identity/guessing_addresses.py",
        "            await self._state.limits.require_open(caller.address)\n",
        "            pass\n",
        ("surfaces/nap/test_limits.py::test_who_is_blocked_learns_of_nobody",),
    ),
    Fault(
        "a mailbox without a limit",
        "S11",
        "identity/mailer.py",
        """        return await limits.admit_mail(self._digest(account.email or ""), mail_id)
""",
        """        return True
""",
        ("surfaces/toan/test_limits.py::test_mailbox_gets_no_more_whatever_name_is_asked_for",),
    ),
    Fault(
        "text messages without a limit",
        "S11",
        "identity/sent_codes.py",
        "            await limits.admit(_SENT, account.id, most=MOST_SENT, window=_WINDOW)\n",
        "",
        ("surfaces/cyclos/test_sent_codes.py::test_five_codes_in_ten_minutes_are_enough",),
    ),
    Fault(
        "open while Redis is away",
        "S12",
        "state/limits.py",
        """        left = await self._redis.read("PTTL", self._keys.blocked_address(address))
""",
        """        try:
            left = await self._redis.read("PTTL", self._keys.blocked_address(address))
        except Unavailable:
            return
""",
        ("state/test_connection.py::test_everything_is_refused_while_redis_is_away",),
    ),
    Fault(
        "refusals are not drawn out",
        "S13",
        "identity/padding.py",
        "            await asyncio.sleep(max(0.0, due - loop.time()))\n",
        "",
        ("identity/test_padding.py::test_a_refusal_takes_the_floor",),
    ),
    Fault(
        "unknown names are quicker",
        "S13",
        "identity/password_proofs.py",
        "        await self._realm.tokens.spend_equal_effort(password)\n",
        "",
        ("surfaces/toan/test_enumeration.py::test_an_unknown_name_is_judged_by_keycloak_as_well",),
    ),
    Fault(
        "the answer after the mail",
        "S13",
        "identity/reset_requests.py",
        """            trouble = await self._requests.take(asked, self._mails.lifetime)
""",
        """            trouble = ""
            await self.deliver(Parcel(f"asked-{id(asked)}", RESET_REQUEST, {"name": asked.normalised or ""}, 1, None))
""",
        ("surfaces/kestra/test_forgotten_password.py::test_the_answer_does_not_wait_for_the_mail_server",),
    ),
)
