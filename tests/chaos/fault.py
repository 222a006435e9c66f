"""What all faults have in common."""
import time

WHOLE_S = 90  # everything must know all others again by then, on a busy machine


class Fault:
    """Something that goes wrong for a while. One object, one time: made, `strike`, some seconds, `heal`.

    What was promised stands in the class, for the report and for those who judge:
      promise         in words
      one_node_gone   G12 is judged meanwhile: one node of anything is away, and calls go on
      seconds         from and to how long it lasts
      recovery_s      how soon after healing everybody has seen everything
      loses_redis     everything in Redis is lost: notifications are complete 60 s after that
      touches_redis   workers may count sends alone for a while: throttles are looser
    """

    name = ""
    promise = ""
    one_node_gone = True
    seconds = (4.0, 8.0)
    recovery_s = 5.0
    loses_redis = False
    touches_redis = False
    needs_cuts = False
    no_call_fails = False        # not even once
    no_acknowledgement = False   # nothing can be acknowledged meanwhile

    def __init__(self, target, random):
        self.target = target
        self.cluster = getattr(target, "cluster", None)
        self.random = random
        self.what = self.name   # with the victim's name
        self.gone_at = None     # when a node went, if that took preparations
        self.notes = []         # what was measured
        self.findings = []      # (guarantee, what): promises that were not kept

    def strike(self):
        """Breaks it; when it returns, it is broken."""
        raise NotImplementedError

    def meanwhile(self):
        """Is called often while it is broken."""

    def heal(self):
        """Mends it; when it returns, all processes run and are ready."""
        raise NotImplementedError

    def aim(self, victims):
        """Chooses one of several."""
        victim = self.random.choice(list(victims))
        self.what = f"{self.name} {victim.name}"
        return victim

    def until(self, condition, wait_s):
        """The seconds until it came, or None."""
        begun = time.monotonic()
        while not condition():
            if time.monotonic() - begun > wait_s:
                return None
            time.sleep(0.05)
        return time.monotonic() - begun


def revive(*processes):
    """Starts them together and waits until all serve."""
    for process in processes:
        process.start()
    for process in processes:
        process.wait_ready()
