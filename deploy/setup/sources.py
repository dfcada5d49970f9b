"""Where releases are taken from: what pip is configured with, and the CPU build of torch.

PyTorch publishes its CPU build on an index of its own; the package index has the CUDA build for Linux on x86-64, which
does not even import without CUDA's libraries. Wheels in a configured folder come first, since somebody put them there.
"""

from __future__ import annotations

import ast
import platform
import ssl
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

PAGE_TIMEOUT_S = 5.0  # for an index that cannot be reached
_SECTIONS = ("global", "install", ":env:")  # of pip's configuration, the stronger later


@dataclass(frozen=True)
class Sources:
    """Indexes and folders that pip is configured with, to be handed to uv as they are."""

    index: str = ""
    extra_indexes: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    certificate: str = ""
    proxy: str = ""
    no_index: bool = False

    @classmethod
    def of_pip(cls, listing: str) -> Sources:
        """Read what `pip config list` prints."""
        values: dict[str, str] = {}
        for section in _SECTIONS:
            for line in listing.splitlines():
                key, _, value = line.partition("=")
                if key.startswith(f"{section}."):
                    values[key.removeprefix(f"{section}.")] = str(ast.literal_eval(value))
        return cls(
            index=values.get("index-url", ""),
            extra_indexes=tuple(values.get("extra-index-url", "").split()),
            find_links=tuple(values.get("find-links", "").split()),
            trusted_hosts=tuple(values.get("trusted-host", "").split()),
            certificate=values.get("cert", ""),
            proxy=values.get("proxy", ""),
            no_index=values.get("no-index", "").lower() in ("1", "true", "yes", "on"),
        )

    def uv_arguments(self) -> list[str]:
        """The same for uv, which looks at all indexes for the best release, as pip does."""
        arguments = ["--index-strategy", "unsafe-best-match"]
        arguments += ["--no-index"] if self.no_index else []
        arguments += ["--default-index", self.index] if self.index else []
        for option, values in (
            ("--index", self.extra_indexes),
            ("--find-links", self.find_links),
            ("--allow-insecure-host", self.trusted_hosts),
        ):
            arguments += [word for value in values for word in (option, value)]
        return arguments

    def uv_environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        """`environment` with pip's certificates and proxy, where it names none itself."""
        named = {"SSL_CERT_FILE": self.certificate, "ALL_PROXY": self.proxy}
        return {**{key: value for key, value in named.items() if value}, **environment}


def torch_index(version: str, sources: Sources, cpu_index: str) -> str | None:
    """The index to take torch's CPU build from; None where the configured sources serve, or nothing better is to be had.

    Args:
        version: The locked version, without a local part.
        sources: What pip is configured with; a wheel among its links is taken first.
        cpu_index: PyTorch's index of CPU builds, or a mirror; empty to leave it out.
    """
    if not needs_cpu_build() or sources.no_index or not cpu_index:
        return None
    wheel = f"torch-{version}"
    if any(wheel in names_at(link, sources.certificate) for link in sources.find_links):
        return None
    if f"{wheel}+cpu-{_python_tag()}-" in names_at(f"{cpu_index}/torch/", sources.certificate):
        return cpu_index
    return None


def needs_cpu_build() -> bool:
    """Whether the package index's wheel for this machine is the CUDA build."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def names_at(place: str, certificate: str = "") -> str:
    """File names in a folder, or the text of a page of links; empty when it cannot be had."""
    address = urlsplit(place)
    if address.scheme in ("", "file"):
        folder = Path(unquote(address.path))
        return "\n".join(path.name for path in folder.iterdir()) if folder.is_dir() else ""
    try:
        context = ssl.create_default_context(cafile=certificate or None)
        with urllib.request.urlopen(  # noqa: S310  (an address from pip's configuration or the Makefile)
            place, timeout=PAGE_TIMEOUT_S, context=context
        ) as page:
            return unquote(page.read().decode("utf-8", "replace"))
    except (OSError, ValueError):
        return ""


def _python_tag() -> str:
    return f"cp{sys.version_info.major}{sys.version_info.minor}"
