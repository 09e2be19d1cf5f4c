"""Faults in what is kept, logged and connected to (S44 to S50)."""

from tests.sabotage.fault import Fault

FAULTS = (
    Fault(
        "Sentinels on another machine without TLS",
        "S44",
        "settings/redis_address.py",
        'if scheme.partition("+")[0] == "redis" and remote',
        'if scheme == "redis" and remote',
        ("settings/test_redis_address.py::test_another_machine_needs_tls_unless_said_otherwise",),
    ),
    Fault(
        "a session's token readable in Redis",
        "S45",
        "state/keys.py",
        'return f"{self.root}:opaque-session:{sha256(token)}"',
        'return f"{self.root}:opaque-session:{token}"',
        ("state/test_opaque_sessions.py::test_nothing_can_be_read_in_redis_and_everything_ends",),
    ),
    Fault(
        "a key without an end",
        "S45",
        "state/lua/begin_sign_in.lua",
        "redis.call('PEXPIRE', KEYS[1], math.min(ARGV[5], ARGV[6]))\n",
        "",
        ("state/test_kept_sign_ins.py::test_every_key_of_a_sign_in_has_an_end",),
    ),
    Fault(
        "too many roles are fine",
        "S46",
        "keycloak/examination.py",
        "for role in sorted(held - _NEEDED - _INCLUDED):",
        'for role in sorted(held & {"realm-admin"}):',
        ("keycloak/test_examination.py::test_role_that_is_not_needed_is_told",),
    ),
    Fault(
        "a secret in a log line",
        "S48",
        "web/middleware/requests.py",
        'bind_contextvars(request_id=state["request_id"])',
        'bind_contextvars(request_id=state["request_id"], query=scope["query_string"].decode("latin-1"))',
        ("web/test_requests.py::test_the_log_holds_neither_path_nor_query_nor_header_nor_body",),
    ),
    Fault(
        "a code in a log line",
        "S48",
        "third_parties/captcha.py",
        '_log.error("captcha_answer_unexpected", status=answer.status)',
        '_log.error("captcha_answer_unexpected", status=answer.status, body=answer.body.decode(errors="replace"))',
        ("third_parties/test_captcha.py::test_what_the_verifier_says_is_not_logged",),
    ),
    Fault(
        "a lock that nobody is told of",
        "S49",
        "identity/guesses.py",
        '            self._events.tell("account_locked", "done", guess.caller, account=subject.shown)\n',
        "",
        ("surfaces/toan/test_secrets_in_log.py::test_log_tells_what_happened_by_ids",),
    ),
    Fault(
        "one person's cookies sent with another's call",
        "S50",
        "outgoing/calls.py",
        "cookie_jar=aiohttp.DummyCookieJar()",
        "cookie_jar=aiohttp.CookieJar(unsafe=True)",
        ("keycloak/test_connection.py::test_cookies_are_not_kept",),
    ),
)
