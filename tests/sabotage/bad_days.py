"""Faults that show on bad days: when something is away, slow, lost, or about to end (R1 to R18)."""

from tests.sabotage.fault import Fault

FAULTS = (
    Fault(
        "no deadline",
        "R1",
        "web/operation.py",
        "async with asyncio.timeout(services.deadline.total_seconds()):",
        "async with asyncio.timeout(None):",
        ("web/test_operation.py::test_an_operation_over_its_deadline_is_unavailable",),
    ),
    Fault(
        "a POST repeated that may have happened",
        "R2",
        "outgoing/calls.py",
        "if isinstance(error, aiohttp.ClientConnectorError) or not call.is_repeatable:",
        "if isinstance(error, aiohttp.ClientConnectorError):",
        ("keycloak/test_repeated_calls.py::test_password_is_never_sent_twice",),
    ),
    Fault(
        "CAPTCHA open while its verifier is away",
        "R3",
        "third_parties/captcha.py",
        """        except Unavailable:
            raise CaptchaRefused("unverified") from None
""",
        """        except Unavailable:
            return
""",
        ("third_parties/test_captcha.py::test_a_verifier_out_of_reach_is_a_no",),
    ),
    Fault(
        "a count repeated whose answer is lost",
        "R4",
        "state/connection.py",
        """        async with self.lent():
            return await script(keys, arguments)
""",
        """        async with self.lent():
            try:
                return await script(keys, arguments)
            except ConnectionLostError:
                return await script(keys, arguments)
""",
        ("state/test_codes_in_trouble.py::test_a_wrong_code_whose_answer_is_lost_counts_once",),
    ),
    Fault(
        "the breaker off",
        "R5",
        "keycloak/breaker.py",
        "        elif len(self._failures) == _FAILURES and now - self._failures[0] <= _WITHIN:\n",
        "        elif len(self._failures) > _FAILURES:\n",
        ("keycloak/test_breaker.py::test_five_failures_open",),
    ),
    Fault(
        "a code lost in an outage",
        "R5",
        "identity/direct_sign_in.py",
        """            await checked.give_back()
            raise
""",
        """            raise
""",
        ("surfaces/kestra/test_outages.py::test_a_sign_in_by_code_that_fails_half_way_leaves_the_code_good",),
    ),
    Fault(
        "any number of password checks at a time",
        "R6",
        "keycloak/places.py",
        "(self._password_checks, self._in_flight) if password_check else (self._in_flight,)",
        "(self._in_flight,)",
        ("keycloak/test_connection.py::test_password_checks_leave_room_for_other_calls",),
    ),
    Fault(
        "every first call fetches a token",
        "R7",
        "keycloak/admin.py",
        """        async with self._lock:
            if not self._is_good(unlike):
                await self._fetch()
""",
        """        await self._fetch()
""",
        ("keycloak/test_admin.py::test_twenty_first_calls_fetch_one_token",),
    ),
    Fault(
        "authorities read anew for every connection",
        "R8",
        "state/tls.py",
        "        self.ssl_context = context\n",
        "",
        ("state/test_tls.py::test_the_authorities_are_read_once_for_all_connections",),
    ),
    Fault(
        "a head that never ends is waited for",
        "R9",
        "web/protocol.py",
        "        self._clock = self.loop.call_later(self._head_time, self._too_slow)\n",
        "        self._stop_clock()\n",
        ("web/test_protocol.py::test_a_head_that_does_not_end_is_too_slow",),
    ),
    Fault(
        "a mail given up at its first failure",
        "R10",
        "identity/deliveries.py",
        "            await self._put_back(parcel, type(error).__name__)\n",
        "            await parcel.done()\n",
        ("surfaces/pipeshub/test_outages.py::test_a_forgotten_password_is_mailed_after_an_outage",),
    ),
    Fault(
        "a claim that outlives who has died with it",
        "R11",
        "state/lua/claim_invitation.lua",
        "redis.call('SET', KEYS[3], ARGV[2], 'NX', 'PX', ARGV[3])",
        "redis.call('SET', KEYS[3], ARGV[2], 'NX')",
        ("state/test_invitations.py::test_whoever_died_with_a_claim_loses_it",),
    ),
    Fault(
        "ready while draining",
        "R12",
        "web/lifecycle.py",
        "        if self.draining or not self.started:\n",
        "        if not self.started:\n",
        ("web/test_health.py::test_a_draining_process_is_healthy_but_not_ready",),
    ),
    Fault(
        "every outage takes the replicas away",
        "R13",
        "web/lifecycle.py",
        "return not self.follows_outages or all(self.up.values())",
        "return all(self.up.values())",
        ("web/test_health.py::test_a_later_outage_leaves_the_process_ready",),
    ),
    Fault(
        "no start without Keycloak",
        "R14",
        "app/setup_check.py",
        """    except (Unavailable, TimeoutError):
        _log.warning("keycloak_unreachable", remedy="the gateway answers 503 until Keycloak can be reached")
        return False
""",
        """    except (Unavailable, TimeoutError):
        raise SetupFault("Keycloak cannot be reached") from None
""",
        ("test_cli.py::test_it_serves_before_keycloak_and_redis_are_there",),
    ),
    Fault(
        "an unmade account left behind",
        "R15",
        "identity/whole_accounts.py",
        """            self._unfinished.begin(self._undo(account_id, note))
            raise
""",
        """            await self._state.outbox.take_out(note)
            raise
""",
        ("surfaces/nap/test_sign_up_outages.py::test_a_sign_up_that_breaks_off_leaves_nobody_and_a_good_invitation",),
    ),
    Fault(
        "an invitation used twice",
        "R15",
        "identity/sign_up.py",
        "                await admission.use_up()\n",
        "",
        ("surfaces/nap/test_admissions.py::test_an_invitation_works_once_and_for_its_address",),
    ),
    Fault(
        "clocks a minute apart are fine",
        "R16",
        "app/doctor.py",
        "_TOLERATED = 5.0",
        "_TOLERATED = 300.0",
        ("test_doctor.py::test_clocks_that_differ_are_told",),
    ),
    Fault(
        "records of another version read",
        "R18",
        "state/browser_sign_ins.py",
        "if version != _VERSION or content[0] != surface:",
        "if content[0] != surface:",
        ("state/test_browser_sign_ins.py::test_what_another_version_or_purpose_wrote_is_unknown",),
    ),
)
