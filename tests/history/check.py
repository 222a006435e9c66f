#!/usr/bin/env python3
"""The history checker: says which guarantees a recorded history breaks. See README.md beside this file."""
import argparse
import collections
import itertools
import json
import pathlib
import sys

if __package__ in (None, ""):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from history.bodies import body, body_hash

Violation = collections.namedtuple("Violation", "guarantee what")
REMOVAL_GRACE_S = 5.0
# Where several workers write: so long after it was sent, one may store a message without looking whether another has it. It is 1 s
# by the worker's clock, which may be behind by a little.
BLIND_S = 1.1


class History:
    """All operations of all clients, and what follows from them at once."""

    def __init__(self, operations, seed):
        self.seed = seed
        self.operations = sorted(operations, key=lambda op: op["t_invoked"])
        self.sends = collections.defaultdict(list)        # id -> sends of it
        self.pulls = collections.defaultdict(list)        # (client, group) -> incremental answers
        self.full = collections.defaultdict(list)         # group -> [(client, rows)] final full reads
        self.pages = collections.defaultdict(list)        # (client, group) -> pages of history at the end
        self.told = collections.defaultdict(list)         # (client, group) -> times
        self.members = collections.defaultdict(list)      # (group, user) -> changes, by time
        self.probes = []
        self.hashes = {}                                  # id -> hashes of what may be read under it
        for op in self.operations:
            key = (op["client"], op.get("group"))
            if op["op"] == "send":
                self.sends[op["id"]].append(op)
            elif op["op"] == "pull" and op["outcome"] == "ok":
                if op.get("full"):
                    self.full[op["group"]].append((op["client"], op["ids_seen"]))
                else:
                    self.pulls[key].append(op)
            elif op["op"] == "page" and op["outcome"] == "ok":
                self.pages[key].append(op)
            elif op["op"] == "told":
                self.told[key].append(op["t_returned"])
            elif op["op"] == "member" and op["outcome"] != "fail":
                self.members[(op["group"], op["subject"])].append(op)
            elif op["op"] == "probe":
                self.probes.append(op)

    def absences(self, group, user):
        """When somebody was out of a group for certain: from an acknowledged removal to the next try to add them."""
        removed = None
        for change in self.members.get((group, user), ()):
            if change["in"]:
                if removed is not None:
                    yield removed, change["t_invoked"]
                removed = None
            elif change["outcome"] == "ok" and removed is None:
                removed = change["t_returned"]
        if removed is not None:
            yield removed, float("inf")

    def acknowledged(self):
        return {i: ops for i, ops in self.sends.items() if any(o["outcome"] == "ok" for o in ops)}

    def hashes_of(self, message_id):
        """The hashes of all bodies that were sent under an id and not refused."""
        if message_id not in self.hashes:
            self.hashes[message_id] = {
                body_hash(body(self.seed, op["group"], message_id, op["variant"])
                          if op["kind"] in ("text", "edit") else "")
                for op in self.sends.get(message_id, ()) if op["outcome"] != "fail"}
        return self.hashes[message_id]

    def amendments(self, kind):
        """Target -> ids of the amendments of this kind that were not refused, and of those that were acknowledged."""
        possible, certain = collections.defaultdict(set), collections.defaultdict(set)
        for message_id, sends in self.sends.items():
            for op in sends:
                if op["kind"] == kind and op["outcome"] != "fail":
                    possible[op["target"]].add(message_id)
                    if op["outcome"] == "ok":
                        certain[op["target"]].add(message_id)
        return possible, certain


def read_directory(directory):
    operations, seed = [], None
    for path in sorted(pathlib.Path(directory).glob("*.jsonl")):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            if "seed" in record:
                seed = record["seed"]
            else:
                operations.append(record)
    return History(operations, seed)


def check_nothing_lost(history):
    """G1: every acknowledged send is in the full read of every member who made one, and its text in the history."""
    read = collections.defaultdict(list)  # group -> [(client, ids)]
    for group, reads in history.full.items():
        read[group] = [(client, {row[0] for row in rows}) for client, rows in reads]
    shown = collections.defaultdict(list)
    for (client, group), pages in history.pages.items():
        shown[group].append((client, {row[0] for page in pages for row in page["ids_seen"]}))
    for message_id, sends in history.acknowledged().items():
        group = sends[0]["group"]
        for client, ids in read[group]:
            if message_id not in ids:
                yield Violation("G1", f"{message_id} was acknowledged, and {client} never reads it")
        for client, ids in shown[group] if sends[0]["kind"] == "text" else ():
            if message_id not in ids:
                yield Violation("G1", f"{message_id} was acknowledged, and no page shows it to {client}")


def check_no_ghost(history):
    """G2: what is read was sent, byte for byte."""
    for client, group, rows in all_reads(history):
        for message_id, text_hash in rows:
            if not history.hashes_of(message_id):
                yield Violation("G2", f"{client} read {message_id} in {group}, which nobody sent")
            elif text_hash != "deleted" and text_hash not in history.hashes_of(message_id):
                yield Violation("G2", f"{client} read another body of {message_id} than was sent")
    edits, _ = history.amendments("edit")
    for (client, group), pages in history.pages.items():
        for message_id, text_hash in (row for page in pages for row in page["ids_seen"]):
            known = history.hashes_of(message_id).union(*map(history.hashes_of, edits[message_id]))
            if text_hash != "deleted" and text_hash not in known:
                yield Violation("G2", f"a page shows {client} a body of {message_id} that nobody sent")


def check_order_and_duplicates(history):
    """G3, G4: pages sorted by id without repetition; all members end with the same sequence and bodies."""
    pages = ((client, group, page["ids_seen"])
             for (client, group), answers in history.pages.items() for page in answers)
    for client, group, rows in itertools.chain(all_reads(history), pages):
        ids = [row[0] for row in rows]
        if len(set(ids)) != len(ids):
            yield Violation("G3", f"one answer to {client} in {group} names an id twice")
        if ids != sorted(ids):
            yield Violation("G4", f"one answer to {client} in {group} is not in sent order")
    for group, reads in history.full.items():
        for client, rows in reads[1:]:
            if rows != reads[0][1]:
                different = set(map(tuple, rows)) ^ set(map(tuple, reads[0][1]))
                yield Violation("G4", f"{reads[0][0]} and {client} end with different sequences in "
                                      f"{group}: {sorted(different)[:3]}")
    first = {}
    for (client, group), answers in history.pages.items():
        shown = sorted(row for page in answers for row in page["ids_seen"])
        if shown != first.setdefault(group, shown):
            yield Violation("G4", f"the history of {group} is not the same for {client}")


def check_no_hole(history):
    """G5: the union of a client's incremental answers is its full read."""
    for group, reads in history.full.items():
        for client, rows in reads:
            pulls = history.pulls.get((client, group))
            if not pulls:
                continue
            pulled = {row[0] for op in pulls for row in op["ids_seen"]}
            for message_id in {row[0] for row in rows} - pulled:
                yield Violation("G5", f"{client} never pulled {message_id} of {group}")
            if any(op.get("digest_ok") is False for op in pulls[-1:]):
                yield Violation("G5", f"the last digest of {client} in {group} does not agree")


def check_retries(history, blind_s=0.0, apart=()):
    """G6: of two contents under one id exactly one is read, by everybody; who comes second is told so.

    Where several workers write, an attempt in the first `blind_s` seconds of a message may be acknowledged and lose all the same, and be
    read until the winner has arrived. Nobody may be left with it, but in the spans `apart` (from, to), in which they know nothing of
    each other (docs/adr/0011).
    """
    def was_apart(message_id):
        return any(begin <= op["t_returned"] and op["t_invoked"] <= end
                   for op in history.sends[message_id] for begin, end in apart)

    raced = {message_id for message_id, sends in history.sends.items() if len({op["variant"] for op in sends}) > 1}
    bodies = collections.defaultdict(dict)  # id -> body -> who read it
    held = collections.defaultdict(dict)    # id -> who -> the body that was read last
    gone = set()                            # deleted before everybody had read it for the last time
    pulled = ((client, pull["ids_seen"]) for (client, _), pulls in history.pulls.items() for pull in pulls)
    whole = ((f"{client} at the end", rows) for reads in history.full.values() for client, rows in reads)
    for reader, rows in itertools.chain(pulled, whole):
        for message_id, text_hash in rows:
            if message_id in raced and text_hash == "deleted":
                gone.add(message_id)
            elif message_id in raced:
                bodies[message_id][text_hash] = reader
                held[message_id][reader] = text_hash
    for message_id in raced:
        stored = [op for op in history.sends[message_id] if op["outcome"] == "ok"]
        looked = [op for op in stored if op.get("age", blind_s) >= blind_s]  # whoever took these knew what is there
        if any(one["variant"] != other["variant"] and one["t_returned"] < other["t_invoked"]
               for one in looked for other in looked):
            yield Violation("G6", f"other content under {message_id} was acknowledged")
        wanted = {body_hash(body(history.seed, op["group"], message_id, op["variant"])) for op in looked if op["kind"] in ("text", "edit")}
        if blind_s and len(wanted) == 1 and not wanted & set(bodies[message_id]) and bodies[message_id]:
            yield Violation("G6", f"{message_id} was acknowledged again, and only other content is read under it")
        left = {text_hash: reader for reader, text_hash in held[message_id].items()} if blind_s else bodies[message_id]
        if len(left) > 1 and not (blind_s and (message_id in gone or was_apart(message_id))):
            yield Violation("G6", f"{message_id} is read with {len(left)} different bodies, by {' and '.join(sorted(left.values()))}")


def check_read_your_writes(history):
    """G7: what a client was told is stored is in its next finished pull; what it saw stays."""
    for (client, group), pulls in history.pulls.items():
        mine = sorted((op["t_returned"], message_id)
                      for message_id, sends in history.sends.items() for op in sends
                      if op["client"] == client and op["group"] == group and op["outcome"] == "ok")
        seen, at, begin = set(), 0, None
        for pull in pulls:
            begin = pull["t_invoked"] if begin is None else begin
            seen.update(row[0] for row in pull["ids_seen"])
            if pull.get("more"):
                continue
            while at < len(mine) and mine[at][0] < begin:
                if mine[at][1] not in seen:
                    yield Violation("G7", f"{client} does not read its own {mine[at][1]}")
                at += 1
            begin = None
        for full_client, rows in history.full[group]:
            if full_client == client:
                for message_id in seen - {row[0] for row in rows}:
                    yield Violation("G7", f"{message_id} was seen by {client} and disappeared")


def check_visible_soon(history, limit_s, healthy_from, healthy_to):
    """G8, G9: while all is well, each connected member is told of, or finds, each send in time."""
    waits = []
    first_seen = {}
    for (client, group), pulls in history.pulls.items():
        for pull in pulls:
            for row in pull["ids_seen"]:
                first_seen.setdefault((client, row[0]), pull["t_returned"])
    readers = collections.defaultdict(list)
    for (client, group), pulls in history.pulls.items():
        readers[group].append((client, pulls[0]["t_invoked"], pulls[-1]["t_returned"]))
    for message_id, sends in history.acknowledged().items():
        acknowledged = min(op["t_returned"] for op in sends if op["outcome"] == "ok")
        if not healthy_from <= acknowledged <= healthy_to - limit_s:
            continue
        for client, first, last in readers[sends[0]["group"]]:
            if first <= acknowledged <= last - limit_s:
                waits.append((first_seen.get((client, message_id), float("inf")) - acknowledged,
                              client, message_id))
    waits.sort()
    allowed = len(waits) // 1000  # p99.9
    for wait, client, message_id in waits[len(waits) - allowed - 1:] if waits else []:
        if wait > limit_s and waits[-1 - allowed][0] > limit_s:
            yield Violation("G8", f"{client} saw {message_id} {wait:.1f} s after it was stored")


def check_outsiders(history):
    """G10: who is not a member sees nothing; who was removed, nothing sent later than 5 s after."""
    for probe in history.probes:
        if probe.get("ids_seen"):
            yield Violation("G10", f"{probe['client']} is no member of {probe['group']} and saw "
                                   f"{probe['ids_seen'][:3]}")
    for op in history.operations:
        if op["op"] not in ("pull", "page") or op["outcome"] != "ok" or not op["ids_seen"]:
            continue
        for removed, again in history.absences(op["group"], op["user"]):
            if removed + REMOVAL_GRACE_S < op["t_invoked"] and op["t_returned"] < again:
                yield Violation("G10", f"{op['user']} was removed from {op['group']} at {removed:.3f} and still reads it "
                                       f"at {op['t_invoked']:.3f}")


def check_throttle(history, burst, per_s):
    """G11: in any window of t seconds at most burst + t * rate sends are granted to one user."""
    granted = collections.defaultdict(list)
    for sends in history.sends.values():
        first = next((op for op in sends if op["outcome"] == "ok"), None)
        if first:
            granted[first["user"]].append(first["t_returned"])
    rate = burst / per_s
    for user, times in granted.items():
        level, last = 0.0, None  # a leaky bucket over the times of the grants is the same bound
        for t in sorted(times):
            level = max(0.0, level - (t - last) * rate) + 1 if last is not None else 1
            last = t
            # A grant was made at some time between the call and its answer: one second of slack.
            if level > burst + rate + 1:
                yield Violation("G11", f"{user} was granted more than {burst} sends in {per_s} s")
                break


def check_amended(history):
    """G13: what was deleted stays deleted in every final read; what was edited shows its last edit."""
    possibly_deleted, deleted = history.amendments("delete")
    edits, edited = history.amendments("edit")
    pages = [(client, row) for (client, _), answers in history.pages.items()
             for page in answers for row in page["ids_seen"]]
    full = [(client, row) for reads in history.full.values() for client, rows in reads for row in rows]
    for client, (message_id, text_hash) in pages + full:
        if message_id in deleted and text_hash != "deleted":
            yield Violation("G13", f"{message_id} was deleted, and {client} still reads its body")
    for client, (message_id, text_hash) in pages:
        if message_id in edited and message_id not in possibly_deleted:
            last = max(edited[message_id])
            newest = [edit for edit in edits[message_id] if edit >= last]
            if text_hash not in set().union(*map(history.hashes_of, newest)):
                yield Violation("G13", f"{message_id} was edited, and {client} does not see the last edit")


def all_reads(history):
    for (client, group), pulls in history.pulls.items():
        for pull in pulls:
            yield client, group, pull["ids_seen"]
    for group, reads in history.full.items():
        for client, rows in reads:
            yield client, group, rows


def check(history, visible_s=2.0, healthy=(0.0, float("inf")), throttle=None, blind_s=0.0, apart=()):
    """Every violation of the history, by guarantee."""
    found = []
    for checked in (check_nothing_lost, check_no_ghost, check_order_and_duplicates, check_no_hole,
                    check_read_your_writes, check_outsiders, check_amended):
        found += checked(history)
    found += check_retries(history, blind_s, apart)
    found += check_visible_soon(history, visible_s, *healthy)
    if throttle:
        found += check_throttle(history, *throttle)
    return found


def summary(history):
    outcomes = collections.Counter(op["outcome"] for ops in history.sends.values() for op in ops)
    return (f"{len(history.operations)} operations, {len(history.sends)} messages "
            f"({outcomes['ok']} acknowledged, {outcomes['unknown']} unknown, {outcomes['fail']} refused), "
            f"{sum(len(p) for p in history.pulls.values())} pulls, "
            f"{sum(len(r) for r in history.full.values())} full reads, {len(history.probes)} probes")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("directory", help="where the clients' *.jsonl files are")
    arguments.add_argument("--visible", type=float, default=2.0, metavar="S",
                           help="how soon a send must be seen while all is well (2)")
    options = arguments.parse_args()
    history = read_directory(options.directory)
    found = check(history, options.visible)
    print(summary(history))
    for violation in found[:50]:
        print(f"{violation.guarantee}: {violation.what}")
    print(f"{len(found)} violations" if found else "no violation")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
