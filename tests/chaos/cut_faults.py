"""Networks that are cut, both ways or one way."""
from .fault import Fault

WAYS = ("both ways", "there", "back")


class Cut(Fault):
    """Nothing gets from some hosts to some others, or back, or both."""

    needs_cuts = True
    seconds = (6.0, 15.0)

    def sides(self):
        """The hosts on this side, and those on that side."""
        raise NotImplementedError

    def strike(self):
        here, there = self.sides()
        way = self.random.choice(WAYS)
        arrow = {"both ways": "-x-", "there": "-x>", "back": "<x-"}[way]
        self.what = f"{named(here)} {arrow} {named(there)}"
        self.pairs = [(one, other) for one in here for other in there]
        for one, other in self.pairs:
            if way != "back":
                self.target.network.cut_one_way(one, other)
            if way != "there":
                self.target.network.cut_one_way(other, one)

    def heal(self):
        for one, other in self.pairs:
            self.target.network.heal(one, other)

    def one_of(self, processes):
        return [self.random.choice(list(processes)).name]

    def all_of(self, processes):
        return [process.name for process in processes]


def named(names):
    """api1, or redis1…6."""
    return names[0] if len(names) == 1 else f"{names[0]}…{names[-1][-1]}" if len({n[:-1] for n in names}) == 1 else "all others"


def cut(name, promise, sides, **fields):
    """A kind of cut."""
    return type("Cut" + name.title().replace(" ", ""), (Cut,),
                {"name": f"cut {name}", "promise": promise, "sides": lambda self: sides(self, self.cluster), **fields})


OTHERS = "the other workers go on; this one refuses or is not asked, and nothing is lost"

CUTS = [
    cut("api cassandra1", "the worker asks the other two nodes",
        lambda f, c: (f.one_of(c.api), f.one_of(c.cassandra))),
    cut("api cassandra", OTHERS, lambda f, c: (f.one_of(c.api), f.all_of(c.cassandra))),
    cut("api redis", "sends of this worker go on; their marks are made up for",
        lambda f, c: (f.one_of(c.api), f.all_of(c.redis)), touches_redis=True),
    cut("notify redis", "the other one claims; clients of this one are told all the same or look for themselves",
        lambda f, c: (f.one_of(c.notify), f.all_of(c.redis)), touches_redis=True),
    cut("notify cassandra", "the other one claims; nobody is left untold",
        lambda f, c: (f.one_of(c.notify), f.all_of(c.cassandra))),
    cut("notify notify", "claims whose gateway can't be reached are tried again",
        lambda f, c: (["notify1"], ["notify2"])),
    cut("haproxy api", OTHERS, lambda f, c: (["haproxy"], f.one_of(c.api))),
    cut("haproxy notify", "clients notice within seconds and connect to the other gateway",
        lambda f, c: (["haproxy"], f.one_of(c.notify))),
    cut("cassandra cassandra", "every quorum still has two that talk",
        lambda f, c: (["cassandra1"], f.one_of(c.cassandra[1:]))),
    cut("cassandra all", "two of three go on",
        lambda f, c: (picked := f.one_of(c.cassandra), [p.name for p in c.processes if p.name not in picked])),
    cut("redis all", "a copy takes over",
        lambda f, c: (picked := f.one_of(r for r in c.redis if r.is_master()),
                      [p.name for p in c.processes if p.name not in picked]), touches_redis=True, loses_redis=True),
]
