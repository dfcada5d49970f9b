"""Makes the environments and repairs them: `python3.11 -m deploy.setup serve`, as `make` says it.

Runs before anything is installed, so it imports the standard library alone. A failure is one sentence and exit code 2.
"""
