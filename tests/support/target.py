"""What the tests of the API run on: `tidings serve`, or, with TARGET=cluster, a cluster behind its balancer.

A test that says `from support.target import Server` runs on both: `cluster_test.py` runs it a second time. What makes sense on one
of them alone says so:

    @serve_only("a cluster keeps no data directory")
    def test_...
"""
import os
import unittest

TARGET = os.environ.get("TARGET", "serve")

if TARGET == "cluster":
    from .cluster import ClusterServer as Server  # noqa: F401
elif TARGET == "serve":
    from .server import Server  # noqa: F401
else:
    raise ValueError(f"TARGET is serve or cluster, not {TARGET}")


def serve_only(why):
    """Of a test, or a class of them, that says something about the embedded server."""
    return unittest.skipIf(TARGET != "serve", f"only of serve: {why}")


def cluster_only(why):
    """Of a test, or a class of them, that says something about a cluster."""
    return unittest.skipIf(TARGET != "cluster", f"only of a cluster: {why}")
