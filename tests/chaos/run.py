#!/usr/bin/env python3
"""Breaks a cluster under load, part by part, by a seeded schedule; then says whether every guarantee held.

    run.py                            seven minutes on a cluster of its own
    run.py --minutes 60 --seed 42     longer, and the same again
    run.py --only redis-lost --only kill-api
    run.py --target serve             kills of one process, to try the machinery

Writes report.html and report.json. Ends with 0 when everything held, 1 when something did not, 2 when nobody can say. It always
ends by itself and leaves nothing behind, also when it is interrupted.
"""
import argparse
import datetime
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from chaos import page, promises, report, schedule  # noqa: E402
from chaos.crowd import THROTTLED, Crowd  # noqa: E402
from chaos.fault import WHOLE_S  # noqa: E402
from chaos.measures import Measures  # noqa: E402
from chaos.target import ClusterTarget, ServeTarget  # noqa: E402
from chaos.target import TookTooLong  # noqa: E402
from chaos.timeline import HEALTHY_S, Window  # noqa: E402
from chaos.watch import Watch  # noqa: E402
from history import check as history_check  # noqa: E402
from support.server import PROGRAM, ROOT  # noqa: E402

WARM_UP_S = 30  # stores that have just begun are slow
SETTLE_S = 300
HELD, BROKEN, NOBODY_KNOWS = range(3)
NEVER = (float("inf"), float("-inf"))  # the history checker leaves to promises.py how soon things are seen


def perform(target, kind, step, watched):
    """One fault from its first moment to the last."""
    fault = kind(target, random.Random(step.seed))
    began = struck = healing = time.monotonic()
    try:
        fault.strike()
        struck = time.monotonic()
        while time.monotonic() < struck + step.seconds:
            fault.meanwhile()
            watched()
            time.sleep(0.1)
        healing = time.monotonic()
        fault.heal()
    except TookTooLong as trouble:
        fault.findings.append(("healing", str(trouble)))
        target.mend()
    healed = time.monotonic()
    came = fault.until(target.is_whole, WHOLE_S)
    return Window.of(step, fault, began=began, gone=fault.gone_at or began, struck=max(struck, began),
                     healing=max(healing, struck), healed=healed, whole=None if came is None else time.monotonic())


def break_things(target, options, crowd, say):
    """The windows of all faults that fit into the time."""
    kinds, why_not_all = schedule.kinds_for(target)
    chosen = {name: kinds[name] for name in options.only or kinds}

    def watched():
        trouble = crowd.trouble()
        if trouble:
            raise RuntimeError(trouble)

    windows, begin = [], time.monotonic()
    time.sleep(WARM_UP_S)
    end = time.monotonic() + options.minutes * 60
    for step in schedule.steps(options.seed, chosen):
        if time.monotonic() + step.seconds + step.quiet_s > end and windows:
            return windows, why_not_all
        say(f"{report.clock(time.monotonic() - begin):>7}  {step.kind}, {step.seconds:g} s", end="", flush=True)
        windows.append(window := perform(target, chosen[step.kind], step, watched))
        say(f": {window.what}, healed after {window.healed - window.began:.1f} s"
            + "".join(f"; {what.upper()}" for _, what in window.findings)
            + ("" if window.whole else "; IT DOES NOT COME TOGETHER AGAIN"), flush=True)
        quiet = time.monotonic() + step.quiet_s
        while time.monotonic() < quiet:
            watched()
            time.sleep(0.1)


def play(options, directory, say=print):
    """A whole run; returns what the report is made of."""
    histories = directory / "histories"
    histories.mkdir()
    make = {"serve": ServeTarget, "cluster": ClusterTarget}[options.target]
    with make(directory / "target", program=options.program) as target, \
            Crowd(target, histories, options.seed, rate=options.rate) as crowd, Watch(target) as watch:
        begin = time.monotonic()
        windows, why_not_all = break_things(target, options, crowd, say)
        end = time.monotonic()
        say(f"{report.clock(end - begin):>7}  everybody settles and reads everything", flush=True)
        # Whoever waits for a wake-up waits as long as is promised.
        crowd.settle(max([options.visible + 1, *(w.over - time.monotonic() for w in windows)]), SETTLE_S)
        if options.restart:
            say(f"{report.clock(time.monotonic() - begin):>7}  everything is killed at once, started, and read again", flush=True)
            target.restart_everything()
            crowd.read_again("load0", SETTLE_S)
    run = {"seed": options.seed, "target": options.target, "minutes": options.minutes, "begin": begin, "end": end,
           "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"), "stalls": watch.stalls,
           "remark": f"({why_not_all})" if why_not_all else ""}
    return run, crowd.history(), windows, watch.changes


def judge(run, history, windows, changes, workers, healthy_s=HEALTHY_S):
    """Every violation, and the report as data."""
    sight = promises.Sight(history, windows, healthy_s)
    apart = [(window.began, window.healed + window.recovery_s) for window in windows if window.touches_redis]
    violations = history_check.check(history, healthy=NEVER, apart=apart, blind_s=history_check.BLIND_S if workers > 1 else 0.0)
    violations += promises.check(history, windows, sight, ("pressed", *THROTTLED, workers), healthy_s)
    return violations, report.as_data(run, history, windows, Measures(history, windows, sight, changes), violations)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--target", choices=["cluster", "serve"], default="cluster")
    arguments.add_argument("--minutes", type=float, default=7, help="of faults; start and end come on top")
    arguments.add_argument("--seed", default=str(random.randrange(10**6)))
    arguments.add_argument("--only", action="append", help="only this kind of fault; may be repeated",
                           choices=[*schedule.OF_A_CLUSTER, *schedule.OF_SERVE])
    arguments.add_argument("--visible", type=float, default=HEALTHY_S, metavar="S",
                           help="how soon a send is seen while all is well; more on a machine that does other things")
    arguments.add_argument("--rate", type=float, default=5, help="operations a second of each of four people")
    arguments.add_argument("--program", default=PROGRAM)
    arguments.add_argument("--out", type=pathlib.Path, default=ROOT / "build/chaos", help="where the report goes")
    arguments.add_argument("--no-restart", dest="restart", action="store_false",
                           help="without the last act: everything killed at once and read again")
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(NOBODY_KNOWS))

    print(f"SEED={options.seed}", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="chaos-"))
    try:
        played = play(options, directory)
        violations, data = judge(*played, workers=2 if options.target == "cluster" else 1, healthy_s=options.visible)
        for line in report.as_lines(data):
            print(line)
        report.write_json(data, options.out / "report.json")
        (options.out / "report.html").write_text(page.page(data))
        print(f"The report is {options.out / 'report.html'}")
        if violations:
            keep(directory, options.out / f"broken-{options.seed}")
        return BROKEN if data["violations_in_all"] else NOBODY_KNOWS if data["not_judged"] else HELD
    except KeyboardInterrupt:
        print("interrupted; nobody knows", flush=True)
        return NOBODY_KNOWS
    except Exception:
        traceback.print_exc()
        keep(directory, options.out / f"trouble-{options.seed}")
        return NOBODY_KNOWS
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def keep(directory, place):
    """The histories and the logs of a run that has to be looked into."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for path in [*directory.glob("histories/*"), *directory.glob("target/*/log"), *directory.glob("target/*.log")]:
        into = place / path.relative_to(directory)
        into.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, into)
    print(f"Histories and logs are in {place}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
