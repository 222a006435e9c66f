#!/usr/bin/env python3
"""The TypeScript SDK: its own tests, with the built program as the server."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

subprocess.run([ROOT / "tools/npm_ci", "sdk/ts"], check=True)
program = os.environ.get("TIDINGS", str(ROOT / "build/release/tidings"))
done = subprocess.run(["npm", "test", "--silent"], cwd=ROOT / "sdk/ts", env={**os.environ, "TIDINGS": program})
sys.exit(done.returncode)
