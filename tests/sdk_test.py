#!/usr/bin/env python3
"""The TypeScript SDK: its own tests, with the built program as the server, its layout and its documentation."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("TIDINGS", str(ROOT / "build/release/tidings"))

subprocess.run([ROOT / "tools/npm_ci", "sdk/ts"], check=True)
for script in ("check-format", "test", "docs"):
    subprocess.run(["npm", "run", "--silent", script], cwd=ROOT / "sdk/ts", env={**os.environ, "TIDINGS": PROGRAM}, check=True)
