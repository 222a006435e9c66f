"""Bodies that anyone who knows the seed can derive again."""
import hashlib

SCRIPTS = ["the quick brown fox", "الثعلب البني السريع", "敏捷的棕色狐狸", "🦊🟤💨👨‍👩‍👧‍👦", "быстрая лиса"]


def body(seed, group, message_id, variant=0):
    """The text of a message: a few words in one of several scripts, and enough of a hash to tell any two apart."""
    digest = hashlib.sha256(f"{seed}/{group}/{message_id}/{variant}".encode()).hexdigest()
    words = SCRIPTS[int(digest[:2], 16) % len(SCRIPTS)]
    return f"{words} {digest}" + " .." * (int(digest[2:4], 16) % 64)


def body_hash(text):
    return hashlib.sha256((text or "").encode()).hexdigest()[:16]
