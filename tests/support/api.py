"""A small client of the public API on the standard library: no retry, no cache, no opinion."""
import hashlib
import http.client
import json
import os
import time
import urllib.parse
import uuid


class Problem(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body.get('code')}: {body.get('detail') or body.get('errors')}")
        self.status = status
        self.code = body.get("code")
        self.body = body


class Unknown(Exception):
    """No definite answer: what was asked may have happened."""


def author_tag(user_id, id_bytes):
    return hashlib.sha256(uuid.UUID(user_id).bytes + id_bytes[:12]).digest()[:4]


def mint(user_id, sent_at_ms):
    """A message id as design says: 48 bits of time, 42 random bits, the author's tag."""
    raw = bytearray(int(sent_at_ms).to_bytes(6, "big") + os.urandom(6) + b"\0\0\0\0")
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    raw[12:] = author_tag(user_id, bytes(raw))
    return str(uuid.UUID(bytes=bytes(raw)))


def floor_id(at_ms):
    """A bound that stands before every message of that millisecond."""
    return str(uuid.UUID(int=int(at_ms) << 80 | 7 << 76 | 2 << 62))


def sent_at_ms(message_id):
    return uuid.UUID(message_id).int >> 80


def digest_sum(ids):
    """Count and sum of a set of message ids, as the server's digest has them."""
    total = sum(int.from_bytes(hashlib.sha256(uuid.UUID(i).bytes).digest()[:16], "big") for i in ids)
    return len(set(ids)), f"{total % 2**128:032x}"


class Api:
    """One caller on one keep-alive connection. Not for several threads at once."""

    repeated = ("GET",)

    def __init__(self, url, token=None, timeout_s=10):
        self.url = urllib.parse.urlsplit(url)
        self.token = token
        self.timeout_s = timeout_s
        self.connection = None
        self.headers = {}  # of the last answer
        self.status = None  # None: no answer came
        self.user = None
        self.session = None

    def call(self, method, path, body=None, headers=None, raw=False):
        """The decoded answer. Raises Problem or Unknown."""
        sent = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        sent.update(headers or {})
        data = None
        if body is not None:
            data = body if isinstance(body, (bytes, str)) else json.dumps(body, ensure_ascii=False)
            data = data.encode() if isinstance(data, str) else data
        # A connection that was kept open may have been cut since: what is idempotent may then be repeated (RFC 9110, 9.2.2).
        may_repeat = method in self.repeated and self.connection is not None
        self.status = None
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(
                    self.url.hostname, self.url.port, timeout=self.timeout_s)
            self.connection.request(method, path, data, sent)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if may_repeat and not isinstance(error, TimeoutError):
                return self.call(method, path, body, headers, raw)
            raise Unknown(str(error)) from error
        self.status = answer.status
        self.headers = {k.lower(): v for k, v in answer.getheaders()}
        if raw:
            return content
        decoded = json.loads(content) if content and "json" in self.headers.get("content-type", "") \
            else {}
        if answer.status >= 500:
            raise Unknown(f"{answer.status} {decoded.get('code')}")
        if answer.status >= 400:
            raise Problem(answer.status, decoded)
        return decoded

    def __del__(self):
        self.close()

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def get(self, path, **query):
        text = urllib.parse.urlencode({k: v for k, v in query.items() if v is not None})
        return self.call("GET", path + ("?" + text if text else ""))

    # Signing in.
    def sign_up(self, name, password="correct horse battery"):
        self._signed_in(self.call("POST", "/v1/accounts", {"name": name, "password": password}))
        return self

    def sign_in(self, name, password="correct horse battery", device="test"):
        self._signed_in(self.call("POST", "/v1/sessions",
                                  {"name": name, "password": password, "device": device}))
        return self

    def _signed_in(self, answer):
        self.user, self.session = answer["user"], answer["session"]
        self.token = self.session["access_token"]

    def with_key(self, key):
        self.token = key
        self.user = self.call("GET", "/v1/me")
        return self

    # What tests do most.
    def new_id(self, at_ms=None):
        return mint(self.user["id"], at_ms if at_ms is not None else time.time() * 1000)

    def send(self, to, text, id=None, **fields):
        to = to if isinstance(to, list) else [to]
        return self.call("PUT", f"/v1/messages/{id or self.new_id()}",
                         {"to": to, "text": text, **fields})

    def group(self, name, members=(), **fields):
        answer = self._with_patience("POST", "/v1/groups",
                           {"name": name, "members": [f"@{m}" for m in members][:50], **fields})
        for member in list(members)[50:]:
            self._with_patience("PUT", f"/v1/groups/{answer['id']}/members/@{member}", {"role": "member"})
        return answer

    def _with_patience(self, method, path, body):
        """Does what a 429 asks for: comes again when it says."""
        while True:
            try:
                return self.call(method, path, body)
            except Problem as problem:
                if problem.code != "too-many-requests":
                    raise
                time.sleep(problem.body["retry_after_ms"] / 1000)

    def changes(self, group, cursor=None, **query):
        return self.get(f"/v1/groups/{group}/changes", cursor=cursor, **query)

    def history(self, group, **query):
        return self.get(f"/v1/groups/{group}/messages", **query)

    def pages(self, group, limit=200):
        """The pages of history of a group, the newest first."""
        before = None
        while True:
            page = self.history(group, before=before, limit=limit)
            yield page["messages"]
            if not page["has_before"]:
                return
            before = page["messages"][0]["id"]

    def all_history(self, group):
        """Every message of a group as history shows it, oldest first."""
        return [message for page in reversed(list(self.pages(group))) for message in page]


class Replica:
    """What one client holds of one group: pulls, merges by id, moves its cursor when a page was applied."""

    def __init__(self, api, group):
        self.api = api
        self.group = group
        self.cursor = None
        self.messages = {}
        self.digest = None

    def pull(self, limit=50, fresh=None):
        """Pulls until there is no more; returns the ids of each answer."""
        answers = []
        while True:
            answer = self.api.changes(self.group, self.cursor, limit=limit, fresh=fresh)
            ids = [m["id"] for m in answer["messages"]]
            answers.append(ids)
            for message in answer["messages"]:
                self.messages[message["id"]] = message
            skipped = answer.get("skipped")
            if skipped:
                answers.append(self._fill(skipped["from"], skipped["to"]))
            self.cursor = answer["cursor"]
            self.digest = answer.get("digest")
            if not answer["more"]:
                return answers

    def _fill(self, start, end):
        """Fetches every row of a range, finding the ids by bisection of digests."""
        digest = self.api.get(f"/v1/groups/{self.group}/digest", **{"from": start, "to": end})
        if digest["count"] == 0:
            return []
        if "ids" not in digest:
            middle = floor_id((sent_at_ms(start) + sent_at_ms(end)) // 2)
            return self._fill(start, middle) + self._fill(middle, end)
        ids = digest["ids"]
        for at in range(0, len(ids), 100):
            page = self.api.get(f"/v1/groups/{self.group}/messages", ids=",".join(ids[at:at + 100]))
            self.messages.update((message["id"], message) for message in page["messages"])
        return ids

    def agrees(self, digest=None):
        """Whether this replica holds exactly what the server says is in the digest's range."""
        digest = digest or self.api.get(f"/v1/groups/{self.group}/digest", last=256)
        held = [i for i in self.messages
                if i >= digest["from"] and (digest.get("to") is None or i < digest["to"])]
        return digest_sum(held) == (digest["count"], digest["sum"])
