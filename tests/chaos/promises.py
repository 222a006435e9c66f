"""Judges what the history checker leaves open because it depends on what was broken when: G8, G9, G11, G12, and clocks."""
import bisect
import collections

from history.check import Violation

from .timeline import HEALTHY_S, due

DEFINITE_S = 2.0        # G12: a call is answered by then
NOTICED_S = 2.0         # what the loss of a node may cost its clients before others take over
AVAILABLE = 0.999
FEW = 5                 # calls: in a short run so many say nothing about one in a thousand
CLEAN_S = 3.0           # what can't be done is refused by then
CLEAN = 0.99
CONTESTED_S = 5.0       # how long the first content has its id for itself (docs/adr/0011)
EFFECT_S = 5.0          # a change of membership is known to everybody
SLACK = 2               # sends: a grant was made at some time between a call and its answer


def calls(history):
    """Everything that was asked in the middle of the run and has an answer to wait for."""
    return [op for op in history.operations
            if op["op"] in ("send", "pull") and not op.get("full") and not lost_contest(history, op)]


def lost_contest(history, op):
    """A send that was told to come back later because other content had come just before it under the same id: no node's fault."""
    return op["op"] == "send" and op.get("status") == 503 and any(
        other["variant"] != op["variant"] and other["t_invoked"] <= op["t_returned"]
        and op["t_invoked"] <= other["t_returned"] + CONTESTED_S for other in history.sends[op["id"]])


def is_definite(op, within_s=DEFINITE_S):
    return op["outcome"] != "unknown" and op["t_returned"] - op["t_invoked"] <= within_s


class Sight:
    """When who saw what first, and how long that took after it was acknowledged."""

    def __init__(self, history, windows, healthy_s=HEALTHY_S):
        first_seen, spans = {}, {}
        for (client, group), pulls in history.pulls.items():
            spans[(client, group)] = pulls[0]["t_invoked"], pulls[-1]["t_returned"]
            for pull in pulls:
                for row in pull["ids_seen"]:
                    first_seen.setdefault((client, row[0]), pull["t_returned"])
        readers = collections.defaultdict(list)
        for client, group in spans:
            readers[group].append(client)
        self.waits = []  # (acknowledged, wait, due, touched by a fault, client, id)
        for message_id, sends in history.acknowledged().items():
            at = min(op["t_returned"] for op in sends if op["outcome"] == "ok")
            group = sends[0]["group"]
            until, touched = due(windows, at, healthy_s)
            for client in readers[group]:
                begin, end = spans[(client, group)]
                if begin <= at and until <= end and not self._may_be_out(history, group, client, at, until):
                    self.waits.append((at, first_seen.get((client, message_id), float("inf")) - at, until, touched,
                                       client, message_id))
        self.waits.sort()

    @staticmethod
    def _may_be_out(history, group, client, begin, end):
        changes = history.members.get((group, client), ())
        return any(change["t_invoked"] < end and change["t_returned"] + EFFECT_S > begin for change in changes) or \
            any(removed < end and begin < again for removed, again in history.absences(group, client))


def check_visible(sight, windows, healthy_s=HEALTHY_S):
    """G8, G9: while all is well 99.9 % within 2 s; and everything in time after healing. Nobody pulls who was not told."""
    well = sorted((wait, client, message_id) for _, wait, _, touched, client, message_id in sight.waits if not touched)
    allowed = len(well) // 1000
    for wait, client, message_id in well[:len(well) - allowed][::-1]:
        if wait <= healthy_s:
            break
        yield Violation("G8", f"{client} saw {message_id} {wait:.1f} s after it was stored, and all was well")
    for at, wait, until, touched, client, message_id in sight.waits:
        if touched and at + wait > until:
            window = max((w for w in windows if w.began <= until and w.over >= at), key=lambda w: w.over)
            yield Violation("G8", f"{client} saw {message_id} {wait:.1f} s after it was stored, {at + wait - window.healed:.1f} s "
                                  f"after healing ({window.what}); {window.over - window.healed:.0f} s were promised")


def check_throttle(history, windows, user, burst, per_s, workers):
    """G11: at most burst + rate * t; alone with its count, each worker may grant as much; a lost Redis one burst more."""
    rate = burst / per_s
    grants = []
    for sends in history.sends.values():
        if sends[0]["user"] == user and not any(op["outcome"] == "unknown" for op in sends):
            first = next((op for op in sends if op["outcome"] == "ok"), None)
            if first:
                grants.append(first["t_returned"])
    loose = [window for window in windows if window.touches_redis]
    level, last, given = 0.0, None, set()
    for at in sorted(grants):
        alone = [n for n, window in enumerate(loose) if window.began <= at <= window.healed + window.recovery_s]
        passed = 0 if last is None else at - last
        level = max(0.0, level - passed * rate * (workers if alone else 1))
        for n in set(alone) - given:  # fresh buckets: one of each worker, and one of the empty Redis
            level -= burst * (workers + 1)
            given.add(n)
        level, last = level + 1, at
        if level > burst + rate + SLACK:
            yield Violation("G11", f"{user} was granted more than {burst} sends in {per_s:g} s at {at:.3f}")
            return


def check_available(history, windows, noticed_s=NOTICED_S):
    """G12: with one node of anything gone, 99.9 % of the calls get a definite answer within 2 s."""
    missed = list(missing_answers(history, windows, noticed_s))
    total = sum(count for _, count, _ in missed)
    late = [op for _, _, ops in missed for op in ops]
    if len(late) > max(FEW, total * (1 - AVAILABLE)):
        worst = sorted(missed, key=lambda one: -len(one[2]))
        yield Violation("G12", f"{len(late)} of {total} calls got no definite answer within {DEFINITE_S:g} s while one node was gone: "
                               + "; ".join(f"{len(ops)} of {count} ({window.what})" for window, count, ops in worst[:6] if ops))


def missing_answers(history, windows, noticed_s):
    """Of each time in which one node was gone and that was known: the window, how many calls there were, and those without a
    definite answer."""
    asked = calls(history)
    begins = [op["t_invoked"] for op in asked]
    for window in windows:
        if window.one_node_gone:
            within = asked[bisect.bisect_left(begins, window.gone + noticed_s):bisect.bisect_right(begins, window.healed)]
            yield window, len(within), [op for op in within if not is_definite(op)]


def check_refusals(history, windows):
    """Two of three nodes are gone: no send is acknowledged, no change is answered, and that is said at once."""
    for window in windows:
        if window.no_call_fails:
            for op in calls(history):
                if window.began <= op["t_invoked"] <= window.healed and op["outcome"] == "unknown":
                    yield Violation("G12", f"a call of {op['client']} failed at {op['t_invoked']:.3f} ({window.what}): "
                                           f"{op['op']} {op.get('id', op['group'])} was answered {op.get('status')}")
        if not window.no_acknowledgement:
            continue
        within = [op for op in calls(history) if window.struck <= op["t_invoked"] and op["t_returned"] <= window.healing]
        for op in within:
            if op["outcome"] == "ok" and op["op"] == "send":
                yield Violation("G1", f"{op['id']} was acknowledged at {op['t_returned']:.3f} without a quorum ({window.what})")
            if op["outcome"] == "ok" and op["op"] == "pull":
                yield Violation("G5", f"{op['client']} was told changes of {op['group']} at {op['t_returned']:.3f} without a quorum "
                                      f"({window.what})")
        unclean = [op for op in within if op.get("status") is None and op["outcome"] == "unknown"
                   or op["t_returned"] - op["t_invoked"] > CLEAN_S]
        if len(unclean) > len(within) * (1 - CLEAN):
            yield Violation("G12", f"{len(unclean)} of {len(within)} calls were not refused within {CLEAN_S:g} s ({window.what})")


def check_clocks(history):
    """What is dated far ahead is refused, and what is dated now is never refused for its time."""
    for message_id, sends in history.sends.items():
        for op in sends:
            if op.get("code") == "clock-ahead" and not op.get("ahead"):
                yield Violation("clock", f"{message_id} was dated right and refused as {op['code']}")
            if op["outcome"] == "ok" and op.get("ahead") == "far":
                yield Violation("clock", f"{message_id} was dated a minute ahead and acknowledged")


def check_faults(windows):
    """What the faults themselves found, and whether everything came together again."""
    for window in windows:
        for guarantee, what in window.findings:
            yield Violation(guarantee, f"{what} ({window.what})")
        if window.whole is None:
            yield Violation("healing", f"not everything came together again after {window.what}")


def check(history, windows, sight, throttle, healthy_s=HEALTHY_S):
    """`throttle` is (user, burst, seconds, workers). On a machine on which everything may be seen later, others take over later."""
    noticed_s = NOTICED_S + healthy_s - HEALTHY_S
    return [*check_faults(windows), *check_visible(sight, windows, healthy_s), *check_throttle(history, windows, *throttle),
            *check_available(history, windows, noticed_s), *check_refusals(history, windows), *check_clocks(history)]
