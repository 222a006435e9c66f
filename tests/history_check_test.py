#!/usr/bin/env python3
"""The history checker finds what was broken on purpose, and nothing in a history that is right."""
import copy
import random
import unittest

from history.bodies import body, body_hash
from history.check import History, check
from support.api import floor_id

SEED = "7"
GROUP = "g1"


def right_history(rng):
    """Three clients, one group: everybody sends, is told and pulls; at the end everybody reads everything."""
    clients = ["alice", "bob", "carol"]
    operations, rows, pulled, t = [], [], {c: 0 for c in clients}, 0.0

    def add(op, client, **fields):
        operations.append({"t_invoked": t, "t_returned": t + 0.01, "client": client, "user": client,
                           "op": op, "outcome": "ok", "group": GROUP, **fields})

    for n in range(60):
        t += 0.05
        sender = rng.choice(clients)
        message_id = floor_id(1_800_000_000_000 + n)
        add("send", sender, id=message_id, kind="text", variant=0)
        rows.append([message_id, body_hash(body(SEED, GROUP, message_id))])
        t += 0.02
        for client in clients:
            add("told", client)
            add("pull", client, ids_seen=rows[pulled[client]:], more=False, digest_ok=True)
            pulled[client] = len(rows)
    t += 5
    for client in clients:
        add("pull", client, ids_seen=[], more=False, digest_ok=True)
        add("pull", client, ids_seen=list(rows), more=False, full=True)
        add("page", client, ids_seen=rows[30:])
        add("page", client, ids_seen=rows[:30])
    add("probe", "mallory", ids_seen=[])
    return operations


def of(operations, op, **fields):
    return [o for o in operations if o["op"] == op
            and all(o.get(key) == value for key, value in fields.items())]


def guarantees(operations, **options):
    return {violation.guarantee for violation in check(History(operations, SEED), **options)}


class Checker(unittest.TestCase):
    def setUp(self):
        seed = random.randrange(10**6)
        print(f"seed {seed}")
        self.rng = random.Random(seed)
        self.operations = right_history(self.rng)
        self.victim = self.rng.choice(of(self.operations, "send")[5:40])["id"]

    def without(self, message_id, **pulls):
        for pull in of(self.operations, "pull", **pulls):
            pull["ids_seen"] = [row for row in pull["ids_seen"] if row[0] != message_id]

    def amend(self, kind):
        """An acknowledged amendment of the victim, sent after everything else; nobody's reads know of it."""
        sent = of(self.operations, "send", id=self.victim)[0]
        self.operations.append({**sent, "id": floor_id(1_800_000_000_900), "kind": kind, "target": self.victim})

    def test_a_right_history_breaks_nothing(self):
        self.assertEqual(guarantees(self.operations, throttle=(1000, 10)), set())

    def test_a_lost_message_is_found(self):
        self.without(self.victim)
        self.assertIn("G1", guarantees(self.operations))

    def test_a_text_that_no_page_shows_is_found(self):
        for page in of(self.operations, "page"):
            page["ids_seen"] = [row for row in page["ids_seen"] if row[0] != self.victim]
        self.assertEqual(guarantees(self.operations), {"G1"})

    def test_a_ghost_is_found(self):
        row = [floor_id(1_900_000_000_000), "0" * 16]
        for pull in of(self.operations, "pull", full=True):
            pull["ids_seen"].append(row)
        self.assertIn("G2", guarantees(self.operations))

    def test_a_changed_byte_is_found(self):
        pull = of(self.operations, "pull", full=True)[0]
        pull["ids_seen"] = copy.deepcopy(pull["ids_seen"])
        pull["ids_seen"][3][1] = "f" * 16
        self.assertIn("G2", guarantees(self.operations))

    def test_a_repetition_in_one_answer_is_found(self):
        pull = next(p for p in of(self.operations, "pull") if p["ids_seen"])
        pull["ids_seen"] = pull["ids_seen"] + pull["ids_seen"][-1:]
        self.assertIn("G3", guarantees(self.operations))

    def test_two_swapped_messages_are_found(self):
        pull = of(self.operations, "pull", full=True)[1]
        rows = pull["ids_seen"] = list(pull["ids_seen"])
        rows[4], rows[5] = rows[5], rows[4]
        self.assertIn("G4", guarantees(self.operations))

    def test_two_swapped_rows_of_a_page_are_found(self):
        page = of(self.operations, "page")[0]
        page["ids_seen"] = page["ids_seen"][1::-1] + page["ids_seen"][2:]
        self.assertEqual(guarantees(self.operations), {"G4"})

    def test_a_page_with_a_text_of_its_own_is_found(self):
        page = of(self.operations, "page")[0]
        page["ids_seen"] = [[page["ids_seen"][0][0], "f" * 16]] + page["ids_seen"][1:]
        self.assertIn("G2", guarantees(self.operations))

    def test_a_hole_in_sync_is_found(self):
        for pull in of(self.operations, "pull", client="bob"):
            if not pull.get("full"):
                pull["ids_seen"] = [row for row in pull["ids_seen"] if row[0] != self.victim]
        self.assertIn("G5", guarantees(self.operations))

    def test_two_winners_are_found(self):
        first = of(self.operations, "send", id=self.victim)[0]
        self.operations.append({**first, "variant": 1, "outcome": "unknown"})
        other = body_hash(body(SEED, GROUP, self.victim, 1))
        pull = of(self.operations, "pull", full=True)[0]
        pull["ids_seen"] = [[i, other if i == self.victim else h] for i, h in pull["ids_seen"]]
        self.assertIn("G6", guarantees(self.operations))

    def test_a_second_content_that_is_acknowledged_is_found(self):
        first = of(self.operations, "send", id=self.victim)[0]
        self.operations.append({**first, "variant": 1, "t_invoked": first["t_returned"] + 1,
                                "t_returned": first["t_returned"] + 2})
        self.assertEqual(guarantees(self.operations), {"G6"})

    def test_a_race_of_two_contents_of_which_one_wins_everywhere_breaks_nothing(self):
        first = of(self.operations, "send", id=self.victim)[0]
        self.operations.append({**first, "variant": 1, "outcome": "unknown"})
        self.assertEqual(guarantees(self.operations), set())

    def race(self):
        """Two devices send two contents at once, to two workers that don't look: both are acknowledged, the first one wins."""
        first = of(self.operations, "send", id=self.victim)[0]
        first["age"] = 0.001
        other = {**first, "variant": 1, "t_invoked": first["t_returned"] + 0.01, "t_returned": first["t_returned"] + 0.02}
        self.operations.append(other)
        return first, other

    def test_of_two_contents_that_were_both_acknowledged_in_a_blind_moment_one_may_lose(self):
        first, other = self.race()
        self.assertEqual(guarantees(self.operations, blind_s=1.0), set())
        self.assertEqual(guarantees(self.operations), {"G6"}, "one worker always looks")
        self.operations.append({**first, "age": 9.0, "t_invoked": 90.0, "t_returned": 90.1})
        self.assertEqual(guarantees(self.operations, blind_s=1.0), set())
        self.operations.append({**other, "age": 9.5, "t_invoked": 90.5, "t_returned": 90.6})
        self.assertEqual(guarantees(self.operations, blind_s=1.0), {"G6"}, "whoever looks knows the winner")

    def test_whoever_is_left_with_the_loser_of_a_race_is_found(self):
        self.race()
        loser = [self.victim, body_hash(body(SEED, GROUP, self.victim, 1))]
        pulls = [pull for pull in of(self.operations, "pull", client="bob") if not pull.get("full")]
        with_it = next(pull for pull in pulls if self.victim in dict(map(tuple, pull["ids_seen"])))
        winner = next(row for row in with_it["ids_seen"] if row[0] == self.victim)
        with_it["ids_seen"] = [loser if row[0] == self.victim else row for row in with_it["ids_seen"]]
        self.assertEqual(guarantees(self.operations, blind_s=1.0), {"G6"})
        at = of(self.operations, "send", id=self.victim)[0]["t_returned"]
        self.assertEqual(guarantees(self.operations, blind_s=1.0, apart=[(at - 1, at)]), set())
        self.assertEqual(guarantees(self.operations, blind_s=1.0, apart=[(at + 1, at + 2)]), {"G6"})
        pulls[-1]["ids_seen"] = [winner]
        self.assertEqual(guarantees(self.operations, blind_s=1.0), set(), "it has been put right since")

    def test_an_unread_own_write_is_found(self):
        author = of(self.operations, "send", id=self.victim)[0]["client"]
        for pull in of(self.operations, "pull", client=author):
            if not pull.get("full"):
                pull["ids_seen"] = [row for row in pull["ids_seen"] if row[0] != self.victim]
        self.assertIn("G7", guarantees(self.operations))

    def test_a_message_that_nobody_is_told_of_in_time_is_found(self):
        sent = of(self.operations, "send", id=self.victim)[0]
        for pull in of(self.operations, "pull", client="carol"):
            if not pull.get("full"):
                pull["ids_seen"] = [row for row in pull["ids_seen"] if row[0] != self.victim]
        late = of(self.operations, "pull", client="carol", more=False)[-2]
        late["ids_seen"] = late["ids_seen"] + [[self.victim, body_hash(body(SEED, GROUP, self.victim))]]
        self.assertGreater(late["t_returned"] - sent["t_returned"], 2)
        self.assertIn("G8", guarantees(self.operations))

    def test_an_outsider_who_sees_an_id_is_found(self):
        of(self.operations, "probe")[0]["ids_seen"] = [self.victim]
        self.assertIn("G10", guarantees(self.operations))

    def test_a_removed_member_who_reads_on_is_found(self):
        self.operations.append({"t_invoked": -9.0, "t_returned": -9.0, "client": "alice", "user": "alice",
                                "op": "member", "outcome": "ok", "group": GROUP, "subject": "carol",
                                "in": False})
        self.assertIn("G10", guarantees(self.operations))

    def test_a_member_who_was_added_again_may_read_again(self):
        for t, inside in ((-9.0, False), (-0.2, True)):
            self.operations.append({"t_invoked": t, "t_returned": t + 0.1, "client": "alice", "user": "alice", "op": "member",
                                    "outcome": "ok", "group": GROUP, "subject": "carol", "in": inside})
        self.assertEqual(guarantees(self.operations), set())

    def test_a_throttle_that_grants_too_much_is_found(self):
        self.assertIn("G11", guarantees(self.operations, throttle=(5, 10)))

    def test_a_delete_that_does_not_hold_is_found(self):
        self.amend("delete")
        self.assertIn("G13", guarantees(self.operations))

    def test_an_edit_that_does_not_hold_is_found(self):
        self.amend("edit")
        self.assertIn("G13", guarantees(self.operations))


if __name__ == "__main__":
    unittest.main()
