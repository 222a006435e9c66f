"""Where a process runs and under which address others find it."""
import dataclasses
import subprocess


@dataclasses.dataclass(frozen=True)
class Host:
    """One address of this machine, on its loopback or in a network namespace of its own.

    The address of a namespace must also be reachable from outside of it: whoever starts things asks them how they do.
    """

    ip: str
    namespace: str | None = None

    def words(self, command):
        """The command that does the same there. It becomes that program: its process id is the program's."""
        words = [str(word) for word in command]
        return ["ip", "netns", "exec", self.namespace, *words] if self.namespace else words

    def run(self, command, **options):
        """Runs a command there to its end."""
        return subprocess.run(self.words(command), capture_output=True, text=True, timeout=60, **options)
