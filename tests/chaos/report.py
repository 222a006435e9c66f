"""A run as data, as lines for a terminal, and as JSON. `page.py` makes the page."""
import collections
import json

from .evidence import lines_for

GUARANTEES = {
    "G1": "no acknowledged message is lost", "G2": "what is read was sent, byte for byte", "G3": "no visible duplicate",
    "G4": "sent order, the same for everybody", "G5": "no hole in sync", "G6": "a retry is harmless",
    "G7": "read your writes; what was seen stays",
    "G8": "visible within 2 s (p99.9) while all is well, 5 s after healing, 60 s after Redis was lost",
    "G9": "each connected member is told", "G10": "who is not a member sees nothing", "G11": "throttles hold",
    "G12": "with one node gone 99.9 % of calls are answered within 2 s", "G13": "deleted stays deleted, edited stays edited",
    "clock": "a worker whose clock is wrong is not ready", "healing": "everything comes together again"}
BUCKET_S = 1.0
# What depends on how fast the machine is. While the harness itself does not get on, nobody can say whether they hold.
OF_TIME = ("G8", "G9", "G12")
STALLED_MOST = 0.01  # of the run


def as_data(run, history, windows, measures, violations):
    """`run` is what is known before anything is judged: seed, target, begin, end, …"""
    begin = run["begin"]
    stalled = sum(seconds for _, seconds in run["stalls"])
    too_busy = stalled > STALLED_MOST * (run["end"] - begin)
    by_guarantee = collections.Counter(violation.guarantee for violation in violations)
    outcomes = collections.Counter(op["outcome"] for ops in history.sends.values() for op in ops)
    return {
        **{key: value for key, value in run.items() if key not in ("begin", "stalls")},
        "lasted_s": round(run["end"] - begin, 1), "end": None,
        "counts": {"operations": len(history.operations), "messages": len(history.sends),
                   "acknowledged": outcomes["ok"], "unknown": outcomes["unknown"], "refused": outcomes["fail"],
                   "pulls": sum(map(len, history.pulls.values())), "told": sum(map(len, history.told.values())),
                   "full_reads": sum(map(len, history.full.values())), "probes": len(history.probes),
                   "membership_changes": sum(map(len, history.members.values())), "faults": len(windows)},
        "machine": {"too_busy": too_busy, "stalls": len(run["stalls"]), "stalled_s": round(stalled, 1), "longest_stall_s": round(max((s for _, s in run["stalls"]), default=0), 2)},
        "health": measures.of_health(),
        "guarantees": [{"id": key, "promise": promise, "violations": by_guarantee[key],
                        "judged": not (too_busy and key in OF_TIME)} for key, promise in GUARANTEES.items()],
        "faults": [{"began_s": round(w.began - begin, 1), "healed_s": round(w.healed - begin, 1), **measures.of(w)}
                   for w in windows],
        "violations": [{"guarantee": v.guarantee, "what": v.what, "lines": lines_for(v, history, begin)}
                       for v in first_of_each(violations)],
        "violations_in_all": sum(not (too_busy and v.guarantee in OF_TIME) for v in violations),
        "not_judged": sum(too_busy and v.guarantee in OF_TIME for v in violations),
        "timeline": timeline(measures, begin, run["end"])}


def first_of_each(violations, most=5):
    """A few of each guarantee: what follows is mostly of the same cause."""
    seen = collections.Counter()
    for violation in violations:
        seen[violation.guarantee] += 1
        if seen[violation.guarantee] <= most:
            yield violation


def timeline(measures, begin, end):
    """Second by second: the median and the slowest call, how many failed, how many sends were acknowledged."""
    rows = [{"times": [], "failed": 0, "acknowledged": 0} for _ in range(int((end - begin) / BUCKET_S) + 1)]
    for op in measures.calls:
        at = int((op["t_invoked"] - begin) / BUCKET_S)
        if 0 <= at < len(rows):
            rows[at]["times"].append(op["t_returned"] - op["t_invoked"])
            rows[at]["failed"] += op["outcome"] == "unknown"
    for t in measures.acknowledged:
        at = int((t - begin) / BUCKET_S)
        if 0 <= at < len(rows):
            rows[at]["acknowledged"] += 1
    return [[round(sorted(row["times"])[len(row["times"]) // 2] * 1000, 1) if row["times"] else None,
             round(max(row["times"]) * 1000, 1) if row["times"] else None, row["failed"], row["acknowledged"]] for row in rows]


def as_lines(data):
    """The report for a terminal."""
    counts, health = data["counts"], data["health"]
    yield ""
    yield f"{'at':>7}  {'fault':34} {'lasted':>6} {'noticed':>7} {'calls':>6} {'failed':>6} {'>2 s':>5} {'+p99 ms':>8} " \
          f"{'silence':>7} {'complete':>8} {'whole':>6}"
    for fault in data["faults"]:
        yield f"{clock(fault['began_s']):>7}  {fault['fault'][:34]:34} {shown(fault['lasted_s'])} {shown(fault['detected_s'], 7)} " \
              f"{fault['calls']:>6} {fault['failed']:>6} {fault['not_within_2_s']:>5} {shown(fault['extra_p99_ms'], 8)} " \
              f"{shown(fault['longest_silence_s'], 7)} {shown(fault['complete_s'], 8)} {shown(fault['whole_s'])}"
        if fault["notes"]:
            yield f"{'':9}{'; '.join(fault['notes'])}"
    yield ""
    yield f"{counts['operations']} operations, {counts['messages']} messages: {counts['acknowledged']} sends acknowledged, " \
          f"{counts['unknown']} without an answer, {counts['refused']} refused; {counts['pulls']} pulls, {counts['told']} times told, " \
          f"{counts['full_reads']} full reads, {counts['probes']} doors tried"
    yield f"while all was well: p50 {health['p50_ms']} ms, p99 {health['p99_ms']} ms a call; seen by others p50 " \
          f"{health['seen_p50_ms']} ms, p99 {health['seen_p99_ms']} ms, p99.9 {health['seen_p999_ms']} ms, most {health['seen_most_ms']} ms"
    yield f"this machine stood still {data['machine']['stalls']} times, {data['machine']['stalled_s']} s together, at most " \
          f"{data['machine']['longest_stall_s']} s" + (": too busy to judge times" if data["machine"]["too_busy"] else "")
    yield ""
    for guarantee in data["guarantees"]:
        yield f"{guarantee['id']:8} {verdict(guarantee):18} {guarantee['promise']}"
    for violation in data["violations"]:
        yield f"\n{violation['guarantee']}: {violation['what']}"
        yield from (f"    {line}" for line in violation["lines"])
    yield ""
    yield (f"{data['violations_in_all']} violations" if data["violations_in_all"] else "no violation") + \
        (f"; {data['not_judged']} more can't be judged on a machine that is so busy" if data["not_judged"] else "")
    yield f"SEED={data['seed']}"


def verdict(guarantee):
    if not guarantee["violations"]:
        return "held"
    return f"broken {guarantee['violations']} times" if guarantee["judged"] else "nobody can say"


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def shown(value, width=6):
    return f"{'-' if value is None else value:>{width}}"


def write_json(data, path):
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
