"""Faults in what is read of requests and said in answers (S30 to S43)."""

from tests.sabotage.fault import Fault

FAULTS = (
    Fault(
        "the limit of bodies off",
        "S30",
        "web/body.py",
        """        if len(body) > size:
            raise BodyTooLarge
""",
        "",
        ("web/test_body_limits.py::test_a_chunked_body_is_counted_while_it_comes",),
    ),
    Fault(
        "a declared gigabyte waited for",
        "S30",
        "web/body.py",
        """    if declared.isdecimal() and int(declared[:20]) > limits.size:
        raise BodyTooLarge
""",
        "",
        ("web/test_protocol.py::test_a_declared_gigabyte_is_refused_before_it_comes",),
    ),
    Fault(
        "NUL in texts",
        "S31",
        "web/body.py",
        r"""    if isinstance(value, str) and "\0" in value:
        raise _invalid("json_invalid", "NUL characters are not allowed")
""",
        "",
        ("web/test_body.py::test_malformed_json_is_one_problem_of_the_body",),
    ),
    Fault(
        "texts taken for what they spell",
        "S32",
        "web/inputs.py",
        "ConfigDict(strict=True, frozen=True,",
        "ConfigDict(frozen=True,",
        ("web/test_inputs.py::test_a_boolean_must_be_a_boolean",),
    ),
    Fault(
        "any media type taken for JSON",
        "S33",
        "web/body.py",
        'return given if given in self.taken and "content-encoding" not in headers else None',
        "return given if given in self.taken else self.taken[0]",
        ("web/test_body.py::test_another_media_type_is_refused_and_not_acted_upon",),
    ),
    Fault(
        "a surrogate breaks a form",
        "S34",
        "outgoing/calls.py",
        'urlencode(form, errors="surrogatepass")',
        "urlencode(form)",
        ("keycloak/test_tokens.py::test_wrong_password_is_refused",),
    ),
    Fault(
        "redirects followed",
        "S35",
        "outgoing/calls.py",
        "allow_redirects=False",
        "allow_redirects=True",
        ("third_parties/test_connection.py::test_a_redirect_is_an_answer_and_not_followed",),
    ),
    Fault(
        "trailers become headers",
        "S36",
        "web/protocol.py",
        """        if self._reading_body:
            return
        super().on_header(name, value)
""",
        """        super().on_header(name, value)
""",
        ("web/test_protocol.py::test_trailers_do_not_become_headers",),
    ),
    Fault(
        "HEAD does what GET does",
        "S37",
        "web/routing.py",
        '"GET" if method == "HEAD" and answers_head else method',
        '"GET" if method == "HEAD" else method',
        ("web/test_routing.py::test_head_never_runs_what_get_runs",),
    ),
    Fault(
        "answers that may be stored",
        "S38",
        "web/middleware/safety_headers.py",
        '((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))',
        '((b"x-content-type-options", b"nosniff"),)',
        ("web/test_requests.py::test_every_answer_carries_an_id_and_the_safety_headers",),
    ),
    Fault(
        "states of dependencies on the public port",
        "S39",
        "app/application.py",
        "health.routes(lifecycle, detailed=False)",
        "health.routes(lifecycle, detailed=True)",
        ("app/test_readiness.py::test_a_frozen_dependency_is_told_to_operators_and_leaves_the_process_ready",),
    ),
    Fault(
        "pages of any origin may call",
        "S40",
        "web/middleware/cors.py",
        """            allow_origins=sorted(self._origins),
            allow_methods=("GET", "POST"),
            allow_headers=rules.headers,
            expose_headers=rules.exposed,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        \"\"\"Answer one request.\"\"\"
        known = Headers(scope=scope).get("origin") in self._origins
""",
        """            allow_origins=("*",),
            allow_methods=("GET", "POST"),
            allow_headers=rules.headers,
            expose_headers=rules.exposed,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        \"\"\"Answer one request.\"\"\"
        known = "origin" in Headers(scope=scope)
""",
        ("surfaces/pipeshub/test_requests.py::test_pages_of_configured_origins_may_call",),
    ),
    Fault(
        "the session cookie without HttpOnly",
        "S41",
        "surfaces/cyclos/operations/sessions.py",
        'return (Cookie(COOKIE, value, max_age, "Lax", below, http_only=True),)',
        'return (Cookie(COOKIE, value, max_age, "Lax", below),)',
        ("surfaces/cyclos/test_cookies.py::test_the_cookie_is_for_the_base_path_and_no_script",),
    ),
    Fault(
        "one of two cookies of a name picked",
        "S41",
        "surfaces/cyclos/credentials.py",
        'kept = cookies.session_tokens if len(cookies.session_tokens) == 1 else [""]',
        'kept = cookies.session_tokens or [""]',
        ("surfaces/cyclos/test_cookies.py::test_a_half_without_its_other_half_is_nothing",),
    ),
    Fault(
        "another browser comes back",
        "S42",
        "identity/brokered_sign_in.py",
        """            if not pending.is_of(arrival.browser):
                raise TokenRefused
""",
        "",
        ("surfaces/pipeshub/test_saml_ways_back.py::test_another_browser_cannot_finish_it",),
    ),
    Fault(
        "no nonce looked at",
        "S42",
        "keycloak/access_tokens.py",
        """        _require(text_of(claims, "nonce") == nonce)
""",
        "",
        ("keycloak/test_id_tokens.py::test_a_token_that_says_something_else_is_refused",),
    ),
    Fault(
        "the secret of a link in its query",
        "S43",
        "settings/mail.py",
        '"{frontend_url}/reset-password#token={token}"',
        '"{frontend_url}/reset-password?token={token}"',
        ("mail/test_pages.py::test_the_link_leads_where_settings_say",),
    ),
)
