"""Starts Rasa with its API token read from a file.

Rasa takes the token on the command line only, where every user of the machine could read it in the process list.
Usage: launch.py TOKEN_FILE run ...
"""

import sys
from pathlib import Path

from rasa.__main__ import main

token = Path(sys.argv.pop(1)).read_text(encoding="utf-8")
sys.argv.append(f"--auth-token={token}")  # in one word: a token may begin with a hyphen
main()
