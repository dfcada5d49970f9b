"""Latin letters for other scripts by anyascii, where PyICU is looked for.

rigour's dependency normality imports PyICU when it is imported, and PyICU is no wheel: it needs a C++ compiler and ICU's
headers. What we use of rigour never asks it for anything, so its place is taken by anyascii, which we have anyway.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType

from anyascii import anyascii


class Transliterator:
    """The part of ICU's class that normality uses."""

    @classmethod
    def createInstance(cls, script: str) -> Transliterator:
        """Return a transliterator; whatever `script` says, it writes ASCII."""
        del script
        return cls()

    def transliterate(self, text: str) -> str:
        """Return `text` in ASCII letters."""
        return anyascii(text)


def provide_icu() -> None:
    """Let `import icu` find this class, unless PyICU is installed."""
    if "icu" not in sys.modules and find_spec("icu") is None:
        module = ModuleType("icu", __doc__)
        vars(module)["Transliterator"] = Transliterator
        sys.modules["icu"] = module
