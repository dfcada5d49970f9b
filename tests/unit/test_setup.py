"""Set-up: where releases come from, what goes wrong in one sentence, and which releases are in which lock."""

from __future__ import annotations

import ast
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from deploy.setup import installer, sources
from deploy.setup.commands import CommandFailed
from deploy.setup.environments import (
    ENVIRONMENTS,
    FULL_RASA_LOCK,
    RASA_LOCK,
    REQUIREMENTS,
    ROOT,
    SetupFailed,
    canonical,
    releases_in,
)
from deploy.setup.sources import PAGE_TIMEOUT_S, Sources, torch_index
from deploy.setup.verify import problem_of

CPU_WHEEL = "torch-2.13.0%2Bcpu-cp311-cp311-manylinux_2_28_x86_64.whl"
PRODUCT = ("core", "nlu", "knowledge_base", "actions", "assistant", "api")


@contextmanager
def index_of(folder: Path, *wheels: str) -> Iterator[str]:
    """The address of an index on the loopback that lists these wheels of torch."""
    page = folder / "torch" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("".join(f'<a href="{wheel}">{wheel}</a>\n' for wheel in wheels))

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _linux_on_intel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "needs_cpu_build", lambda: True)


@pytest.mark.parametrize(
    ("wheels", "taken"),
    [
        ((CPU_WHEEL,), True),
        (("torch-2.12.0%2Bcpu-cp311-cp311-manylinux_2_28_x86_64.whl",), False),
        (("torch-2.13.0%2Bcpu-cp312-cp312-manylinux_2_28_x86_64.whl",), False),
        (("torch-2.13.0-cp311-cp311-manylinux_2_28_x86_64.whl",), False),
        ((), False),
    ],
)
def test_torch_is_taken_from_the_cpu_index_that_has_its_version(
    tmp_path: Path, wheels: tuple[str, ...], taken: bool
) -> None:
    with index_of(tmp_path, *wheels) as address:
        assert torch_index("2.13.0", Sources(), address) == (address if taken else None)


def test_a_wheel_in_a_configured_folder_goes_before_the_cpu_index(tmp_path: Path) -> None:
    links = tmp_path / "links"
    links.mkdir()
    with index_of(tmp_path / "index", CPU_WHEEL) as address:
        assert torch_index("2.13.0", Sources(find_links=(str(links),)), address) == address
        (links / "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl").touch()
        for place in (str(links), links.as_uri()):
            assert torch_index("2.13.0", Sources(find_links=(place,)), address) is None


def test_an_index_that_cannot_be_reached_leaves_the_plain_name_at_once(tmp_path: Path) -> None:
    with index_of(tmp_path, CPU_WHEEL) as address:
        pass
    began = time.monotonic()
    assert torch_index("2.13.0", Sources(), address) is None
    assert time.monotonic() - began < PAGE_TIMEOUT_S


def test_other_machines_take_torch_by_its_plain_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "needs_cpu_build", lambda: False)
    with index_of(tmp_path, CPU_WHEEL) as address:
        assert torch_index("2.13.0", Sources(), address) is None


def test_uv_is_given_what_pip_is_configured_with() -> None:
    listing = "\n".join(
        [
            "global.index-url='https://index.example/simple'",
            "global.find-links='/srv/wheels'",
            "global.trusted-host='index.example'",
            "install.extra-index-url='https://a.example/simple https://b.example/simple'",
            ":env:.find-links='/home/one/wheels\\n/home/two/wheels'",
            ":env:.cert='/etc/bank.pem'",
            "wheel.index-url='https://other.example'",
        ]
    )
    read = Sources.of_pip(listing)
    words = " ".join(read.uv_arguments())
    assert "--default-index https://index.example/simple" in words
    assert "--index https://a.example/simple --index https://b.example/simple" in words
    assert "--find-links /home/one/wheels --find-links /home/two/wheels" in words
    assert "--allow-insecure-host index.example" in words
    assert "/srv/wheels" not in words
    assert "other.example" not in words
    assert read.uv_environment({})["SSL_CERT_FILE"] == "/etc/bank.pem"
    assert read.uv_environment({"SSL_CERT_FILE": "/own.pem"})["SSL_CERT_FILE"] == "/own.pem"


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        ("error: failed to write: No space left on device (os error 28)", "disk is full"),
        ("OSError: [Errno 13] Permission denied: '/usr/lib'", "cannot be written"),
        ("error sending request for url (https://index.example)", "cannot be reached"),
        ("connect: Temporary failure in name resolution", "cannot be reached"),
    ],
)
def test_what_stops_an_installer_is_said_in_one_sentence(output: str, cause: str) -> None:
    assert cause in str(CommandFailed(f"resolving\n{output}\n"))


def test_another_failure_is_said_in_the_installer_s_last_line() -> None:
    failure = CommandFailed("resolving\nerror: no solution found\n\n")
    assert (failure.cause, str(failure)) == ("", "error: no solution found")


@pytest.mark.parametrize(
    ("releases", "imports", "said"),
    [
        ({"pydantic": "0.0.1"}, (), "pydantic is "),
        ({"no-such-release": "1.0"}, (), "no-such-release 1.0 is missing"),
        ({}, ("no_such_module",), "no_such_module cannot be imported"),
        ({f"absent-{n}": "1" for n in range(7)}, (), "and 2 more"),
    ],
)
def test_an_environment_names_what_it_lacks(
    releases: dict[str, str], imports: tuple[str, ...], said: str
) -> None:
    problem = problem_of("the environment", releases, imports)
    assert said in problem
    assert problem.count(".\n") == 0
    assert problem.endswith(".")


def test_a_torch_without_its_cuda_libraries_names_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cuda_build.py").write_text(
        "raise ImportError('libcudnn.so.9: cannot open shared object file')"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert "PIP_FIND_LINKS" in problem_of("the environment", {}, ("cuda_build",))


def test_a_complete_environment_has_no_problem() -> None:
    assert problem_of("this environment", {}, ("pydantic", "sqlalchemy")) == ""


def test_an_environment_of_another_python_is_not_used(tmp_path: Path) -> None:
    environment = replace(ENVIRONMENTS["serve"], folder=tmp_path)
    assert not installer.is_usable(environment)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "pyvenv.cfg").write_text("version = 3.9.2\n")
    assert not installer.is_usable(environment)
    for line in ("version = 3.11.7", "version_info = 3.11.7"):
        (tmp_path / "pyvenv.cfg").write_text(f"home = /usr\n{line}\n")
        assert installer.is_usable(environment)


def test_a_full_disk_is_noticed_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = replace(ENVIRONMENTS["rasa"], folder=tmp_path / "new", size_gb=1e9)
    monkeypatch.setitem(ENVIRONMENTS, "rasa", huge)
    with pytest.raises(SetupFailed, match="too full for Rasa's environment"):
        installer.make_environment("rasa", "", print)
    assert not huge.folder.exists()


def test_a_linked_environment_is_tried_and_never_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    (shared / "bin").mkdir(parents=True)
    (shared / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "link").symlink_to(shared)
    monkeypatch.setitem(
        ENVIRONMENTS, "rasa", replace(ENVIRONMENTS["rasa"], folder=tmp_path / "link")
    )
    with pytest.raises(SetupFailed, match="Rasa's environment is not complete"):
        installer.make_environment("rasa", "", print)
    assert sorted(path.name for path in shared.iterdir()) == ["bin"]


@pytest.mark.parametrize("name", ["serve", "dev"])
def test_a_lock_has_every_direct_requirement(name: str) -> None:
    locked = dict(releases_in(REQUIREMENTS / f"{name}.lock"))
    for line in (REQUIREMENTS / f"{name}.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            wanted, version = line.split("==")
            assert locked[canonical(wanted.partition("[")[0])] == version


def test_rasa_for_understanding_alone_is_part_of_all_of_rasa() -> None:
    small, full = (dict(releases_in(lock)) for lock in (RASA_LOCK, FULL_RASA_LOCK))
    assert small.items() <= full.items()
    assert small.keys().isdisjoint({"tensorflow", "torch", "transformers", "psycopg2", "redis"})


def test_a_release_is_in_one_lock_of_our_environment() -> None:
    serve = dict(releases_in(REQUIREMENTS / "serve.lock"))
    assert serve.keys().isdisjoint(dict(releases_in(REQUIREMENTS / "dev.lock")))


def test_the_product_imports_nothing_that_only_developers_have() -> None:
    developers = dict(releases_in(REQUIREMENTS / "dev.lock"))
    providers = packages_distributions()
    for package in PRODUCT:
        for path in (ROOT / package).rglob("*.py"):
            if path.is_relative_to(ROOT / "nlu" / "components"):
                continue
            for module in _imported(path):
                names = {canonical(name) for name in providers.get(module, [])}
                assert not names or not names <= developers.keys(), f"{path} imports {module}"


def _imported(path: Path) -> set[str]:
    """Top-level names of the modules that a file imports."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules.add(node.module.partition(".")[0])
    return modules
