"""All seeded faults, by what they break (security section 8)."""

from tests.sabotage import accounts, bad_days, guessing, requests, rooms, sessions

FAULTS = (
    *guessing.FAULTS,
    *accounts.FAULTS,
    *sessions.FAULTS,
    *requests.FAULTS,
    *rooms.FAULTS,
    *bad_days.FAULTS,
)
