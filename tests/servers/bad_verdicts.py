"""Everything a verifier of CAPTCHAs can say that is no yes, with what it is called in the log."""

from collections.abc import Mapping

from tests.servers.siteverify import Way, compressed, cut_off, cut_short, elsewhere, in_drops, never, says

_PADDED = '{"success": true, "error-codes": [], "x": "' + "x" * (1 << 20) + '"}'

REFUSING: Mapping[str, Way] = {
    "no": says('{"success": false, "error-codes": ["invalid-input-response"]}'),
    "no, used already": says('{"success": false, "error-codes": ["timeout-or-duplicate"]}'),
    "no, without a code": says('{"success": false}'),
}
"""It was verified, and does not count: `refused`."""

SLOW: Mapping[str, Way] = {"silence": never, "drops": in_drops}

UNCLEAR: Mapping[str, Way] = {
    "hung up": cut_off,
    "half an answer": cut_short,
    "redirect": elsewhere,
    "too large": says(_PADDED),
    "a page": says("<html>Welcome</html>"),
    "nothing": says(""),
    "null": says("null"),
    "an array": says('[{"success": true}]'),
    "nested too deep": says("[" * 100_000),
    "no member": says('{"error-codes": []}'),
    "a text": says('{"success": "true"}'),
    "a number": says('{"success": 1}'),
    "null in it": says('{"success": null}'),
    "another spelling": says('{"Success": true}'),
    "yes and no": says('{"success": true, "error-codes": ["internal-error"]}'),
    "internal error": says('{"success": false, "error-codes": ["internal-error"]}'),
    "yes with 201": says('{"success": true}', status=201),
    "yes with 400": says('{"success": true}', status=400),
    "yes with 503": says('{"success": true}', status=503),
    "compressed": compressed,
}
"""Nothing that counts was said: `unverified`."""
