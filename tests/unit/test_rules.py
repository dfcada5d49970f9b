"""Rules without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from actions.compliance.checks import decide
from actions.name_matching.chinese_names import readings_of
from actions.name_matching.comparison import compare
from actions.products.terms import ProductTerms
from actions.recommendations.suitability import InvestorProfile, Need, exclusion
from actions.tickets.lifecycle import STEPS, check_step
from core.clock import OFFICE_HOURS, due_at
from core.contacts import find_contact
from core.errors import Conflict, SetupError
from core.languages import clean_text, detect_language
from core.localized_text import LocalizedText
from core.secrets import refuse_default

TODAY = date(2026, 6, 1)


def test_the_lifecycle_refuses_and_says_what_is_possible() -> None:
    with pytest.raises(Conflict, match="possible: open, closed"):
        check_step("resolved", "archived")
    assert all(target in STEPS for targets in STEPS.values() for target in targets)


def test_business_time_stops_at_night_and_at_weekends() -> None:
    friday_evening = datetime(2026, 6, 5, 16, 0, tzinfo=UTC)  # 17:00 in London
    assert due_at(friday_evening, timedelta(hours=1), OFFICE_HOURS) == datetime(
        2026, 6, 8, 8, 30, tzinfo=UTC
    )


def test_business_time_knows_summer_time_and_holidays() -> None:
    before_christmas = datetime(2026, 12, 24, 17, 0, tzinfo=UTC)
    assert due_at(before_christmas, timedelta(hours=1), OFFICE_HOURS) == datetime(
        2026, 12, 29, 9, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("write to Anna@Example.com please", "anna@example.com"),
        ("李雷 13800138000", "+8613800138000"),
        ("call +44 20 7946 0958", "+442079460958"),
        ("ring 0151 23456789", "+4915123456789"),
        ("ring 138 0013 8000", "+8613800138000"),
        ("ring 07911 123456", "+447911123456"),
        ("no contact here, 12 things", None),
        ("a@b", None),
    ],
)
def test_contacts_are_found_and_normalised(text: str, found: str | None) -> None:
    assert find_contact(text) == found


def customer(**changes: object) -> InvestorProfile:
    known = {
        "age": 40,
        "residency": "DE",
        "segment": "mass",
        "risk_level": 3,
        "risk_assessed_until": date(2027, 1, 1),
        "kyc_valid": True,
        "experience": "basic",
        "assets": Decimal(50_000),
        "free_cash": Decimal(20_000),
        "monthly_income": Decimal(3_000),
    }
    return InvestorProfile(**{**known, **changes})  # type: ignore[arg-type]


def product(**changes: object) -> ProductTerms:
    known = {
        "code": "P",
        "kind": "fund",
        "risk_level": 3,
        "minimum": Decimal(500),
        "horizon_months": 36,
        "liquid": True,
        "goals": ("growth",),
    }
    return ProductTerms(**{**known, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("offered", "who", "need", "rule"),
    [
        (product(), customer(), Need(), None),
        (product(risk_level=4), customer(), Need(), "suitability.risk"),
        (
            product(),
            customer(risk_assessed_until=date(2026, 5, 31)),
            Need(),
            "suitability.assessment",
        ),
        (product(risk_level=1), customer(risk_assessed_until=date(2026, 5, 31)), Need(), None),
        (product(), customer(kyc_valid=False), Need(), "eligibility.kyc"),
        (product(segments=("private",)), customer(), Need(), "eligibility.segment"),
        (product(liquid=False), customer(), Need(horizon_months=12), "suitability.horizon"),
        (product(), customer(), Need(amount=Decimal(20_000)), "suitability.concentration"),
        (product(minimum=Decimal(30_000)), customer(), Need(), "eligibility.minimum"),
        (product(risk_level=4), customer(risk_level=5), Need(), "suitability.experience"),
        (product(maximum_age=39), customer(), Need(), "eligibility.age"),
    ],
)
def test_only_suitable_products_pass(
    offered: ProductTerms, who: InvestorProfile, need: Need, rule: str | None
) -> None:
    failed = exclusion(offered, who, need, TODAY)
    assert (failed.rule if failed else None) == rule


FACTS = {
    "kyc_state": "verified",
    "kyc_valid": True,
    "watchlist_matches": [],
    "open_alerts": 0,
    "marketing_consent": True,
}


@pytest.mark.parametrize(
    ("purpose", "changes", "decision"),
    [
        ("onboarding", {}, "allow"),
        ("onboarding", {"kyc_valid": False}, "review"),
        ("onboarding", {"kyc_state": "rejected"}, "block"),
        (
            "product_sale",
            {
                "unsuitable_rule": "suitability.risk",
                "unsuitable_reason": LocalizedText("suitability.risk", risk=5, level=1).as_json(),
            },
            "block",
        ),
        ("marketing", {"marketing_consent": False}, "block"),
        ("transaction", {"amount": "10000"}, "review"),
        ("transaction", {"amount": "9999.99"}, "allow"),
        ("transaction", {"open_alerts": 1}, "review"),
        (
            "onboarding",
            {"watchlist_matches": [{"score": 1.0, "list": "sanctions", "birth_date_fits": True}]},
            "block",
        ),
        (
            "onboarding",
            {"watchlist_matches": [{"score": 0.9, "list": "pep", "birth_date_fits": False}]},
            "review",
        ),
    ],
)
def test_checkpoints_decide_by_the_gravest_rule(
    purpose: str, changes: dict[str, object], decision: str
) -> None:
    assert decide(purpose, {**FACTS, **changes})[0] == decision  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "other", "match"),
    [
        ("Olaf Scholz", "Scholz, Olaf", True),
        ("Dr. Maria Lopez", "Maria López", True),
        ("张伟", "Zhang Wei", True),
        ("Владимир Иванов", "Vladimir Ivanov", True),
        ("Anna Weber", "Peter Schmidt", False),
        ("王芳", "Li Qiang", False),
    ],
)
def test_names_match_across_scripts_and_order(name: str, other: str, match: bool) -> None:
    result = compare(name, other, "person")
    assert result.match is match
    assert result.reasons


def test_company_forms_do_not_count() -> None:
    assert compare("Orion Silk Trading GmbH", "Orion Silk Trading Ltd", "organisation").match


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hello", "en"),
        ("我的卡", "zh"),
        ("ATM 吞卡了怎么办", "zh"),
        ("👍", "en"),
        ("my 卡 is broken today", "en"),
    ],
)
def test_language_is_told_by_script(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_text_loses_what_cannot_be_seen_and_has_an_end() -> None:
    assert clean_text("a\u200bb\x00c  d\n e ") == "abc d\ne"
    assert len(clean_text("x" * 20_000)) == 10_000


@pytest.mark.parametrize(
    "secret",
    ["changeme-changeme-changeme-changeme", "short", "my-secret-value-that-is-long-enough!"],
)
def test_a_default_secret_is_refused(secret: str) -> None:
    with pytest.raises(SetupError):
        refuse_default("staff_token", secret)


@pytest.mark.parametrize(
    ("name", "simplified"),
    [("錢鍾書", "钱钟书"), ("蔣介石", "蒋介石"), ("於丹", "于丹"), ("钱钟书", "钱钟书")],
)
def test_a_name_in_traditional_characters_is_read_in_simplified_ones(
    name: str, simplified: str
) -> None:
    assert readings_of(name, "person")[0] == simplified


def test_a_name_matches_itself_in_traditional_characters() -> None:
    assert compare("錢鍾書", "钱钟书", "person").score == 1


def test_rigour_is_imported_where_pyicu_is_not_installed() -> None:
    """PyICU is no wheel; the import of its name must give a transliterator either way."""
    from icu import Transliterator  # noqa: PLC0415  (what is imported is what is tested)

    assert Transliterator.createInstance("Any-Latin; Latin-ASCII").transliterate("Šárka") == "Sarka"
