"""Which faults come when: drawn from a seed, so that a run can be had again."""
import collections
import random

from .cut_faults import CUTS
from .store_faults import (CassandraKill, CassandraPause, CassandraPauseTwo, RedisFailOver, RedisFlush, RedisLost, RedisPause, RedisPauseAll,
                           RedisRestart)
from .worker_faults import (FAKETIME, ClockSkew, KillApi, KillNotify, KillNotifyWithClaims, KillServe, PauseApi, PauseNotify,
                            ReloadBalancer, RollingRestart, SlowClientsComing)

OF_SERVE = {"kill-serve": KillServe}
OF_A_CLUSTER = {
    "kill-api": KillApi, "kill-notify": KillNotify, "kill-notify-with-claims": KillNotifyWithClaims,
    "pause-api": PauseApi, "pause-notify": PauseNotify, "rolling-restart": RollingRestart, "reload-haproxy": ReloadBalancer,
    "clock-step": ClockSkew, "slow-clients": SlowClientsComing,
    "redis-restart": RedisRestart, "redis-fail-over": RedisFailOver, "redis-lost": RedisLost, "redis-flush": RedisFlush, "redis-pause": RedisPause,
    "redis-pause-all": RedisPauseAll,
    "cassandra-kill": CassandraKill, "cassandra-pause": CassandraPause, "cassandra-pause-two": CassandraPauseTwo,
    **{kind.name.replace(" ", "-"): kind for kind in CUTS}}

QUIET_S = (7.0, 12.0)  # after each fault: as long as everything may take to be complete, and a while of health

Step = collections.namedtuple("Step", "kind seed seconds quiet_s")


def kinds_for(target):
    """The faults that can happen to it, by name, and why others can't."""
    if target.name == "serve":
        return OF_SERVE, ""
    kinds, why = dict(OF_A_CLUSTER), ""
    if not target.can_cut:
        kinds = {name: kind for name, kind in kinds.items() if not kind.needs_cuts}
        why = f"no networks are cut: {target.why_no_cuts}"
    if FAKETIME is None:
        kinds.pop("clock-step")
        why += "; no clock steps: libfaketime is not installed"
    return kinds, why


def steps(seed, kinds):
    """Endless: each kind once in a random order, then again in another one."""
    chance = random.Random(f"chaos/{seed}")
    while True:
        for kind in chance.sample(sorted(kinds), len(kinds)):
            yield Step(kind, chance.randrange(2**32), round(chance.uniform(*kinds[kind].seconds), 1),
                       round(chance.uniform(*QUIET_S), 1))
