"""What was done to a run when, and by when everything that was sent had to be seen."""
import dataclasses

HEALTHY_S = 2.0
REDIS_S = 60.0


@dataclasses.dataclass
class Window:
    """One fault from its first moment to the last. All times are of the monotonic clock of the histories."""

    kind: str
    what: str
    promise: str
    began: float          # before anything was broken
    gone: float           # when a node went, after the preparations for that
    struck: float         # everything is broken
    healing: float        # it is being mended
    healed: float         # all processes run, all links are up
    whole: float | None   # everything knows all others again
    recovery_s: float
    one_node_gone: bool
    loses_redis: bool
    touches_redis: bool
    no_call_fails: bool
    no_acknowledgement: bool
    notes: list
    findings: list

    @classmethod
    def of(cls, step, fault, **times):
        return cls(kind=step.kind, what=fault.what, promise=fault.promise, notes=fault.notes, findings=fault.findings, **times,
                   **{name: getattr(fault, name) for name in ("recovery_s", "one_node_gone", "loses_redis", "touches_redis",
                                                              "no_call_fails", "no_acknowledgement")})

    @property
    def over(self):
        """When everybody must have seen what was sent before or during it."""
        soon = self.healed + self.recovery_s
        return max(soon, self.began + REDIS_S) if self.loses_redis else soon


def due(windows, at, healthy_s=HEALTHY_S):
    """By when a send that was acknowledged at that time must be seen; and whether a fault had to do with it.

    A fault that begins before the message was due puts that off, and so does the next one. `windows` are in order.
    """
    until, touched = at + healthy_s, False
    for window in windows:
        if window.began <= until and at <= window.over:
            until, touched = max(until, window.over), True
    return until, touched
