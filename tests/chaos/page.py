"""The report as one page that needs nothing else: a timeline of latency and faults, and the tables."""
import html
import math

from .measures import NEVER
from .report import clock, verdict

WIDTH, LEFT, RIGHT = 1160, 72, 12
LATENCY_TOP, LATENCY_HEIGHT = 16, 200
LANES_TOP, LANE_HEIGHT = 262, 20
LANES = [("workers", ("kill-api", "kill-notify", "pause-api", "pause-notify", "rolling", "clock", "kill-serve")),
         ("balancer", ("reload", "slow")), ("Redis", ("redis",)), ("Cassandra", ("cassandra",)), ("network", ("cut",))]
LEAST_MS, MOST_MS = 1.0, 10_000.0

STYLE = """
:root{color-scheme:light dark;--bg:#fbfaf7;--card:#fff;--ink:#1d2430;--dim:#67707d;--line:#e3e0d8;--grid:#ecebe5;--p50:#1f6f78;
--top:#c98a2b;--fault:#b4483a;--band:#b4483a14;--good:#2d7d46;--goodbg:#2d7d4616;--badbg:#b4483a1c;--bar:#1f6f7826}
@media(prefers-color-scheme:dark){:root{--bg:#14171c;--card:#1b1f26;--ink:#e7e9ec;--dim:#98a1ad;--line:#2d333d;--grid:#252a33;
--p50:#5cc0c7;--top:#e0ac58;--fault:#ee8474;--band:#ee847416;--good:#6cc98a;--goodbg:#6cc98a1c;--badbg:#ee847424;--bar:#5cc0c72e}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1240px;margin:0 auto;padding:40px 24px 64px}h1{font-size:26px;letter-spacing:-.01em;margin:0 0 4px}
h2{font-size:17px;margin:40px 0 12px}p.sub{margin:0;color:var(--dim)}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px;overflow-x:auto}
.verdict{display:inline-block;font-weight:600;padding:3px 12px;border-radius:99px;margin:0 0 14px}
.held{color:var(--good);background:var(--goodbg)}.broken{color:var(--fault);background:var(--badbg)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(220px,1fr));gap:12px;margin:24px 0 0}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
.figures b{display:block;font-size:22px;font-weight:600;font-variant-numeric:tabular-nums}.figures span{color:var(--dim);font-size:13px}
table{border-collapse:collapse;width:100%;font-size:14px}th{font-weight:600;color:var(--dim);text-align:left;font-size:12.5px}
th,td{padding:7px 10px;border-bottom:1px solid var(--line);vertical-align:top}tr:last-child td{border-bottom:0}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td small{color:var(--dim);display:block}
td.hot{color:var(--fault);font-weight:600}svg{display:block;width:100%;min-width:820px;height:auto}
svg text{fill:var(--dim);font:11px system-ui,sans-serif}svg .name{fill:var(--ink)}
pre{font:12px/1.5 ui-monospace,Menlo,monospace;white-space:pre-wrap;overflow-wrap:anywhere;margin:8px 0 0;color:var(--dim)}
details{margin:0 0 10px}summary{cursor:pointer}.legend{color:var(--dim);font-size:13px;margin:8px 0 0}
.legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin:0 5px 0 14px}
"""


def page(data):
    broken = data["violations_in_all"]
    title = f"Chaos, seed {data['seed']}"
    seen = f"{broken} violations" if broken else "No violation" + (", but times can't be judged" if data["not_judged"] else "")
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{escape(title)}</title><style>{STYLE}</style><main>
<p class="verdict {'broken' if broken else 'held'}">{seen}</p>
<h1>{len(data['faults'])} faults in {clock(data['lasted_s'])} minutes</h1>
<p class="sub">Tidings on {escape(data['target'])}, {escape(data['date'])}. To repeat it: <code>make chaos MINUTES={data['minutes']:g} SEED={escape(data['seed'])}</code>
{escape(data['remark'])}</p>
{figures(data)}
<h2>What happened when</h2><div class="card">{timeline(data)}
<p class="legend"><i style="background:var(--p50)"></i>median call<i style="background:var(--top)"></i>slowest call of each second
<i style="background:var(--fault)"></i>without an answer, or 503<i style="background:var(--bar)"></i>sends acknowledged</p></div>
<h2>What was promised, and what was seen</h2><div class="card">{guarantees(data)}</div>
{violations(data)}
<h2>What each fault cost</h2><div class="card">{faults(data)}</div>
<p class="legend">Noticed: the first call that failed or took a second, or a worker that said it was not ready. Silence: the longest time
in which no send was acknowledged. Complete: from healing until every connected member had seen everything that was
acknowledged before. Whole: from healing until all parts counted on each other again.
This machine stood still {data['machine']['stalls']} times, for {data['machine']['stalled_s']} s together; that is in all figures.</p>
</main></html>
"""


def escape(text):
    return html.escape(str(text))


def figures(data):
    counts, health = data["counts"], data["health"]
    shown = [(f"{counts['acknowledged']:,}", "sends acknowledged"), (f"{counts['pulls']:,}", "pulls"),
             (f"{counts['unknown']:,}", "sends without an answer, repeated"), (f"{counts['probes']:,}", "doors tried"),
             (in_ms(health["p50_ms"]), "a call, median, all well"), (in_ms(health["p99_ms"]), "a call, p99, all well"),
             (in_ms(health["seen_p50_ms"]), "until others saw it, median"), (in_ms(health["seen_p999_ms"]), "until others saw it, p99.9")]
    return '<div class="figures">' + "".join(f"<div><b>{value}</b><span>{name}</span></div>" for value, name in shown) + "</div>"


def in_ms(value):
    return "-" if value is None else value if value == NEVER else f"{value:,.0f} ms"


def timeline(data):
    rows, lasted = data["timeline"], max(data["lasted_s"], 1)
    height = LANES_TOP + LANE_HEIGHT * len(LANES) + 30

    def x(second):
        return LEFT + (WIDTH - LEFT - RIGHT) * second / lasted

    def y(ms):
        share = math.log(min(max(ms, LEAST_MS), MOST_MS) / LEAST_MS) / math.log(MOST_MS / LEAST_MS)
        return LATENCY_TOP + LATENCY_HEIGHT * (1 - share)

    parts = []
    for ms, name in ((1, "1 ms"), (10, "10 ms"), (100, "100 ms"), (1000, "1 s"), (10000, "10 s")):
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(ms):.1f}" y2="{y(ms):.1f}" stroke="var(--grid)"/>'
                     f'<text x="{LEFT - 8}" y="{y(ms) + 4:.1f}" text-anchor="end">{name}</text>')
    every = next(step for step in (10, 30, 60, 120, 300, 600, 1800) if lasted / step <= 14 or step == 1800)
    for second in range(0, int(lasted) + 1, every):
        parts.append(f'<text x="{x(second):.1f}" y="{height - 6}" text-anchor="middle">{clock(second)}</text>')
    for number, (name, _) in enumerate(LANES):
        middle = LANES_TOP + LANE_HEIGHT * (number + 0.5)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{middle:.1f}" y2="{middle:.1f}" stroke="var(--grid)"/>'
                     f'<text x="{LEFT - 8}" y="{middle + 4:.1f}" text-anchor="end">{name}</text>')
    for fault in data["faults"]:
        begin, end = x(fault["began_s"]), max(x(fault["healed_s"]), x(fault["began_s"]) + 3)
        lane = next(n for n, (_, kinds) in enumerate(LANES) if any(fault["kind"].startswith(kind) for kind in kinds))
        top = LANES_TOP + LANE_HEIGHT * lane + 4
        tip = f"<title>{escape(fault['fault'])}: {fault['lasted_s']} s</title>"
        parts.append(f'<rect x="{begin:.1f}" y="{LATENCY_TOP}" width="{end - begin:.1f}" height="{height - LATENCY_TOP - 24}" '
                     f'fill="var(--band)"/><rect x="{begin:.1f}" y="{top}" width="{end - begin:.1f}" height="{LANE_HEIGHT - 8}" '
                     f'rx="3" fill="var(--fault)">{tip}</rect>')
    most = max((row[3] for row in rows), default=1) or 1
    step = (WIDTH - LEFT - RIGHT) / lasted
    for second, (_, _, failed, acknowledged) in enumerate(rows):
        bar = 40 * acknowledged / most
        base = LATENCY_TOP + LATENCY_HEIGHT
        parts.append(f'<rect x="{x(second):.1f}" y="{base - bar:.1f}" width="{step:.2f}" height="{bar:.1f}" fill="var(--bar)"/>')
        if failed:
            parts.append(f'<circle cx="{x(second + 0.5):.1f}" cy="{base + 12}" r="{min(6, 2 + failed ** 0.5):.1f}" '
                         f'fill="var(--fault)"><title>{failed} without an answer</title></circle>')
    for column, colour in ((1, "--top"), (0, "--p50")):
        parts += [f'<polyline points="{points}" fill="none" stroke="var({colour})" stroke-width="1.4" stroke-linejoin="round"/>'
                  for points in polylines([(x(n + 0.5), y(row[column])) if row[column] is not None else None
                                           for n, row in enumerate(rows)])]
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Latency and faults over time">{"".join(parts)}</svg>'


def polylines(points):
    """The points between the gaps."""
    line = []
    for point in [*points, None]:
        if point:
            line.append(f"{point[0]:.1f},{point[1]:.1f}")
        elif line:
            yield " ".join(line)
            line = []


def guarantees(data):
    rows = "".join(f'<tr><td>{one["id"]}</td><td>{escape(one["promise"])}</td>'
                   f'<td class="n {"hot" if one["violations"] else ""}">{verdict(one)}</td></tr>'
                   for one in data["guarantees"])
    return f'<table><tr><th></th><th>promised</th><th class="n">seen</th></tr>{rows}</table>'


def violations(data):
    if not data["violations"]:
        return ""
    shown = "".join(f'<details open><summary><b>{escape(one["guarantee"])}</b> {escape(one["what"])}</summary>'
                    f'<pre>{escape(chr(10).join(one["lines"]))}</pre></details>' for one in data["violations"])
    return f'<h2>The proof</h2><div class="card">{shown}</div>'


def faults(data):
    heads = ["at", "fault", "lasted", "noticed", "calls", "failed", "over 2 s", "extra p99", "silence", "complete", "whole"]
    head = "".join(f'<th{"" if name == "fault" else " class=n"}>{name}</th>' for name in heads)
    rows = ""
    for one in data["faults"]:
        note = "; ".join([one["promise"], *one["notes"]])
        figures_ = [in_s(one["lasted_s"]), in_s(one["detected_s"]), one["calls"], one["failed"], one["not_within_2_s"],
                    in_ms(one["extra_p99_ms"]), in_s(one["longest_silence_s"]), in_s(one["complete_s"]), in_s(one["whole_s"])]
        rows += (f'<tr><td class="n">{clock(one["began_s"])}</td><td>{escape(one["fault"])}<small>{escape(note)}</small></td>'
                 + "".join(f'<td class="n">{value}</td>' for value in figures_) + "</tr>")
    return f"<table><tr>{head}</tr>{rows}</table>"


def in_s(value):
    return "-" if value is None else value if value == NEVER else f"{value:g} s"
