"""The measured times of each fault: how soon it was noticed, what it cost, how long until everything was complete."""
import bisect

from .promises import calls, is_definite

NEVER = "never"
SLOW_S = 1.0  # a call that takes longer has noticed something


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * share))] if sorted_values else None


def milliseconds(sorted_values, share):
    value = percentile(sorted_values, share)
    return None if value is None else round(value * 1000, 1) if value < float("inf") else NEVER


class Measures:
    def __init__(self, history, windows, sight, changes):
        self.calls = calls(history)
        self.begins = [op["t_invoked"] for op in self.calls]
        self.windows = windows
        self.sight = sight
        self.changes = changes
        self.acknowledged = sorted(min(op["t_returned"] for op in sends if op["outcome"] == "ok")
                                   for sends in history.acknowledged().values())
        self.healthy = sorted(op["t_returned"] - op["t_invoked"] for op in self.calls
                              if not any(w.began <= op["t_returned"] and op["t_invoked"] <= w.over for w in windows))
        self.seen = sorted(wait for _, wait, _, touched, _, _ in sight.waits if not touched)

    def between(self, begin, end):
        return self.calls[bisect.bisect_left(self.begins, begin):bisect.bisect_right(self.begins, end)]

    def of_health(self):
        return {"calls": len(self.healthy), "p50_ms": milliseconds(self.healthy, 0.5), "p99_ms": milliseconds(self.healthy, 0.99),
                "seen_p50_ms": milliseconds(self.seen, 0.5), "seen_p99_ms": milliseconds(self.seen, 0.99),
                "seen_p999_ms": milliseconds(self.seen, 0.999), "seen_most_ms": milliseconds(self.seen, 1)}

    def of(self, window):
        within = self.between(window.began, window.healed)
        times = sorted(op["t_returned"] - op["t_invoked"] for op in within)
        p99 = milliseconds(times, 0.99)
        usual = milliseconds(self.healthy, 0.99)
        return {"fault": window.what, "kind": window.kind, "promise": window.promise,
                "lasted_s": round(window.healed - window.began, 1),
                "detected_s": self._detected(window, within),
                "calls": len(within), "failed": sum(op["outcome"] == "unknown" for op in within),
                "not_within_2_s": sum(not is_definite(op) for op in within),
                "p99_ms": p99, "extra_p99_ms": round(p99 - usual, 1) if p99 is not None and usual is not None else None,
                "longest_silence_s": self._silence(window),
                "complete_s": self._complete(window),
                "whole_s": None if window.whole is None else round(window.whole - window.healed, 1),
                "notes": window.notes}

    def _detected(self, window, within):
        """Until the first call that failed or was slow, or somebody said that it is not ready."""
        felt = [max(window.gone, min(op["t_returned"], op["t_invoked"] + SLOW_S)) for op in within
                if op["outcome"] == "unknown" or op["t_returned"] - op["t_invoked"] > SLOW_S]
        said = [t for t, _, ready in self.changes if not ready and window.gone <= t <= window.healed]
        return round(min(felt + said) - window.gone, 2) if felt or said else None

    def _silence(self, window):
        """The longest time without an acknowledged send."""
        end = window.healed + window.recovery_s
        inside = [t for t in self.acknowledged if window.began <= t <= end]
        edges = [window.began, *inside, end]
        return round(max(b - a for a, b in zip(edges, edges[1:])), 2)

    def _complete(self, window):
        """From healing until everybody had seen everything that was acknowledged before."""
        seen = [at + wait for at, wait, _, _, _, _ in self.sight.waits if window.began - 1 <= at <= window.healed]
        last = max(seen, default=None)
        return None if last is None else NEVER if last == float("inf") else round(max(0.0, last - window.healed), 2)
