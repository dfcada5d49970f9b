"""The command line: `python3.11 -m deploy.setup serve|develop|rasa|rasa-full|node [--torch-index ADDRESS]`."""

from __future__ import annotations

import argparse
import sys

from deploy.setup.environments import ENVIRONMENTS, SetupFailed
from deploy.setup.installer import make_environment, make_node

FAILED, INTERRUPTED = 2, 130
PYTHON = (3, 11)


def main() -> int:
    """Make what is asked for; 0, or 2 with one sentence."""
    parser = argparse.ArgumentParser(prog="deploy.setup", description=__doc__)
    parser.add_argument("what", choices=[*ENVIRONMENTS, "node"])
    parser.add_argument("--torch-index", default="", help="where torch's CPU builds are")
    asked = parser.parse_args()
    try:
        if sys.version_info[:2] != PYTHON:
            raise SetupFailed(f"Python 3.11 is needed, this is {sys.version.split()[0]}.")
        if asked.what == "node":
            make_node(asked.torch_index, _report)
        else:
            make_environment(asked.what, asked.torch_index, _report)
    except SetupFailed as failure:
        print(failure, file=sys.stderr)  # noqa: T201  (a command)
        return FAILED
    except KeyboardInterrupt:
        print("Interrupted: the same command goes on where it was.", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    return 0


def _report(line: str) -> None:
    print(f"· {line}", flush=True)  # noqa: T201  (a command)


if __name__ == "__main__":
    sys.exit(main())
