"""Where the process stands between its start and its end (security R12, R13)."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Lifecycle:
    """What readiness depends on.

    Attributes:
        reached: dependencies that answered at least once since the start; once reached, a later outage leaves
            readiness alone, so that callers get the documented answer instead of a balancer's page.
        up: dependency → whether its last check succeeded.
        follows_outages: whether readiness says 503 during later outages, too.
        draining: set by SIGTERM; readiness says 503 and connections are closed after their answer.
    """

    dependencies: tuple[str, ...]
    follows_outages: bool = False
    reached: set[str] = field(default_factory=set)
    up: dict[str, bool] = field(default_factory=dict)
    draining: bool = False

    @property
    def started(self) -> bool:
        """Say whether every dependency was reached once."""
        return self.reached.issuperset(self.dependencies)

    @property
    def ready(self) -> bool:
        """Say whether new requests may be sent here."""
        if self.draining or not self.started:
            return False
        return not self.follows_outages or all(self.up.values())

    def note(self, dependency: str, *, up: bool) -> bool:
        """Record a check; say whether it changed anything."""
        changed = self.up.get(dependency) is not up
        self.up[dependency] = up
        if up:
            self.reached.add(dependency)
        return changed
