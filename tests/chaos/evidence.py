"""The lines of a history that prove a violation."""
import json
import re

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
TIME = re.compile(r"at (\d+\.\d{3})")
MOST = 12


def lines_for(violation, history, begin=0.0):
    """At most a dozen: what was sent under the id that it names, and how those who are named read it, the last reads last."""
    ids = set(UUID.findall(violation.what))
    clients = {op["client"] for op in history.operations if re.search(rf"\b{re.escape(op['client'])}(?![\w@])", violation.what)}
    times = [float(t) for t in TIME.findall(violation.what)]
    found = []
    for op in history.operations:
        seen = op.get("ids_seen", ())
        named = op.get("id") in ids or op.get("target") in ids or any(row[0] in ids for row in seen if isinstance(row, list))
        near = any(abs(op["t_invoked"] - t) < 0.0015 or abs(op["t_returned"] - t) < 0.0015 for t in times)
        about = op["op"] == "send" or not clients or op["client"] in clients
        if (named and about) or near or (op.get("group") in ids and op["op"] == "member"):
            found.append(op)
    ends = [op for op in history.operations if op.get("full") and op["client"] in clients
            and any(send["group"] == op["group"] for i in ids for send in history.sends.get(i, ()))]
    sends = [op for op in found if op["op"] in ("send", "member")][:MOST // 2]
    ends = ends[:MOST // 4]
    reads = [op for op in found if op not in sends and op not in ends][:MOST - len(sends) - len(ends)]
    return [shortened(op, ids, begin) for op in [*sends, *reads, *ends]]


def shortened(op, ids, begin):
    """A line without the ids that do not matter, its times from the begin of the run."""
    op = dict(op, t_invoked=round(op["t_invoked"] - begin, 3), t_returned=round(op["t_returned"] - begin, 3))
    if "ids_seen" in op:
        rows = op.pop("ids_seen")
        op["ids_seen"] = [row for row in rows if not ids or (row[0] if isinstance(row, list) else row) in ids][:4]
        op["of"] = len(rows)
    return json.dumps(op, ensure_ascii=False)
