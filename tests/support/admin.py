"""What every target of the tests does through `tidings admin`."""


class Administered:
    """For a class whose `command(*words)` runs `tidings WORDS…` on what is tested and returns what it printed."""

    def service(self, name, rate="1000000/10", scope=None):
        """A service account's key, as `admin service create` prints it."""
        words = ["admin", "service", "create", name, "--rate", rate]
        printed = self.command(*words, *(["--scope", scope] if scope else []))
        return next(word for word in printed.split() if word.startswith("tdg_"))
