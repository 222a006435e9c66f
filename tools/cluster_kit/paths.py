"""Where things are in this tree."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("TIDINGS", str(ROOT / "build/release/tidings"))
