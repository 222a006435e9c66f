"""What happens to Redis and Cassandra."""
import time

from .fault import Fault, revive

FAIL_OVER_S = 15


class RedisFault(Fault):
    touches_redis = True

    def masters(self):
        return [server for server in self.cluster.redis if server.is_master()]

    def is_whole(self):
        return all(server.is_in_a_cluster() and server.has_its_master() for server in self.cluster.redis)


class RedisRestart(RedisFault):
    """A master that is back, empty, before anybody took over."""

    name = "restart empty"
    promise = "marks, presence and buckets of a third are gone; notifications are complete within 60 s"
    seconds = (3.0, 4.0)
    loses_redis = True

    def strike(self):
        victim = self.aim(self.masters())
        victim.kill()
        revive(victim)

    def heal(self):
        self.until(self.is_whole, 30)


class RedisFailOver(RedisFault):
    name = "fail over"
    promise = "a copy takes over within seconds and may lack the last one; no message is lost, no sender is refused"
    seconds = (8.0, 12.0)
    loses_redis = True

    def strike(self):
        self.victim = self.aim(self.masters())
        self.victim.kill()

    def heal(self):
        revive(self.victim)
        self.until(self.is_whole, 30)


class RedisLost(RedisFault):
    """All six, and everything in them."""

    name = "all of Redis lost"
    promise = "sends go on without wake-ups; notifications are complete 60 s after the loss at the latest"
    seconds = (5.0, 15.0)
    one_node_gone = False
    loses_redis = True

    def strike(self):
        for server in self.cluster.redis:
            server.kill()

    def heal(self):
        revive(*self.cluster.redis)
        took = self.until(self.is_whole, 30)
        self.notes.append("Redis was no cluster again within 30 s" if took is None else f"Redis whole in {took:.1f} s")


class RedisFlush(RedisFault):
    """It goes on as the same Redis, so that nothing but what is missing tells of it."""

    name = "everything in Redis forgotten"
    promise = "gateways register anew and everybody looks; notifications are complete within 60 s"
    seconds = (0.0, 0.0)
    one_node_gone = False
    loses_redis = True

    def strike(self):
        for server in self.masters():
            server.ask("FLUSHALL")

    def heal(self):
        pass


class RedisPause(RedisFault):
    name = "pause"
    promise = "a copy takes over; what the paused one held may be lost"
    seconds = (5.0, 15.0)
    loses_redis = True

    def strike(self):
        self.victim = self.aim(self.masters())
        self.victim.pause()

    def heal(self):
        self.victim.resume()
        self.until(self.is_whole, 30)


class RedisPauseAll(RedisFault):
    name = "pause all of Redis"
    promise = "sends go on without wake-ups; everything is told when it goes on"
    seconds = (5.0, 15.0)
    one_node_gone = False

    def strike(self):
        for server in self.cluster.redis:
            server.pause()

    def heal(self):
        for server in self.cluster.redis:
            server.resume()
        self.until(self.is_whole, 30)


class CassandraKill(Fault):
    name = "kill"
    promise = "two of three go on; when it is back, it is told what it missed"

    def strike(self):
        self.victim = self.aim(self.cluster.cassandra)
        self.victim.kill()

    def heal(self):
        revive(self.victim)


class CassandraPause(Fault):
    name = "pause"
    promise = "two of three go on; nobody waits for the one that is silent"
    seconds = (15.0, 15.0)

    def strike(self):
        self.victim = self.aim(self.cluster.cassandra)
        self.victim.pause()

    def heal(self):
        self.victim.resume()


class CassandraPauseTwo(Fault):
    name = "pause two of three"
    promise = "nothing is acknowledged, sends and changes are refused with 503; all goes on when they are back"
    seconds = (8.0, 12.0)
    one_node_gone = False
    no_acknowledgement = True

    def strike(self):
        self.victims = self.random.sample(self.cluster.cassandra, 2)
        self.what = f"pause {' and '.join(sorted(node.name for node in self.victims))}"
        for node in self.victims:
            node.pause()
        # What their kernels had taken already may still be on its way.
        time.sleep(0.5)

    def heal(self):
        for node in self.victims:
            node.resume()
