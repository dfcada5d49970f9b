"""What objects to acting at once, what speaks for it, and that neither does it alone."""

from __future__ import annotations

import pytest

from assistant.dialogue.reader.labels import STANCES
from assistant.dialogue.reader.model import ReaderReading
from assistant.dialogue.readings import Candidate, Stance
from assistant.dialogue.stance import decide, has_cue, veto
from core.languages import Language


def reading(stance: Stance, share: float) -> ReaderReading:
    rest = (1 - share) / (len(STANCES) - 1)
    stances = {name: share if name == stance else rest for name in STANCES}
    return ReaderReading((Candidate(name="report_lost_card", confidence=1),), stances)


@pytest.mark.parametrize(
    ("language", "text", "objection"),
    [
        ("en", "I did not lose my card", "negated"),
        ("en", "I can't find my card, block it", None),
        ("en", "I no longer need the savings account, close it", None),
        ("en", "my son's phone was stolen", "reported"),
        ("en", "if I lost my card", "hypothetical"),
        ("en", "how do I report a stolen card?", "asked"),
        ("en", "could you put me through to someone?", None),
        ("en", "I already reported it", "past"),
        ("en", "please open an account of this in your complaint log", None),
        ("zh", "先不改地址了", "negated"),
        ("zh", "我的卡找不到了,帮我挂失", None),
        ("zh", "能不能帮我挂失", None),
        ("zh", "我妈的卡丢了", "reported"),
        ("zh", "要是卡丢了", "hypothetical"),
        ("zh", "怎么挂失", "asked"),
        ("zh", "去年我挂失过", "past"),
    ],
)
def test_words_that_speak_for_another_stance_object(
    language: Language, text: str, objection: str | None
) -> None:
    assert veto(text, language) == objection


@pytest.mark.parametrize(
    ("language", "text", "cue"),
    [
        ("en", "block my card", True),
        ("en", "please do something about it", True),
        ("en", "under the sofa after all", False),
        ("zh", "麻烦挂失", True),
        ("zh", "沙发底下", False),
    ],
)
def test_an_own_report_or_a_request_has_a_cue(language: Language, text: str, cue: bool) -> None:
    assert has_cue(text, language) is cue


def test_a_certain_reading_without_objection_is_evidence() -> None:
    decision = decide("please block my card", "en", reading("asserted", 0.97))
    assert (decision.stance, decision.evidence, decision.veto) == ("asserted", True, None)


@pytest.mark.parametrize(
    ("text", "stance", "share"),
    [
        ("please block my card", "asserted", 0.55),
        ("please block my card", "negated", 0.97),
        ("I did not lose my card", "asserted", 0.97),
        ("under the sofa after all", "asserted", 0.97),
        ("please block my card " * 20, "asserted", 0.97),
    ],
)
def test_nothing_is_evidence_by_default(text: str, stance: Stance, share: float) -> None:
    assert not decide(text, "en", reading(stance, share)).evidence
