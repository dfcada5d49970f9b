"""Checkpoints: versioned rules over facts decide allow, review or block. Pure; a stored decision replays to the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from core.errors import Conflict
from core.sentences import Sentence

Decision = Literal["allow", "review", "block"]
Purpose = Literal["onboarding", "product_sale", "marketing", "transaction"]
DECISION_NAMES: dict[Decision, str] = {
    "allow": "允许",
    "review": "需复核",
    "block": "禁止",
}  # in Chinese
SEVERITY: dict[Decision, int] = {"allow": 0, "review": 1, "block": 2}
# From here, in the base currency, a transaction is looked at: the EU's cash threshold, Directive 2015/849.
LARGE_AMOUNT = 10_000
CERTAIN_MATCH = 0.97  # similarity of names from which a fitting birth date blocks
Facts = dict[str, Any]

# What rules say; a decision keeps it in English.
KYC_REJECTED = Sentence("The identity check was rejected.", "身份核查未通过。")
KYC_INVALID = Sentence(
    "The identity check is not complete or has expired.", "身份核查未完成或已过期。"
)
KYC_VALID = Sentence("The identity check is valid.", "身份核查有效。")
SANCTIONED = Sentence(
    "The name and birth date match a sanctions entry.", "姓名和出生日期与制裁名单条目一致。"
)
NOT_LISTED = Sentence("No watchlist entry resembles the name.", "没有与该姓名相近的名单条目。")
FITS = Sentence("The product fits the customer.", "该产品适合此客户。")
NO_CONSENT = Sentence("The customer has not consented to marketing.", "客户未授权营销。")
CONSENT = Sentence("The customer has consented to marketing.", "客户已授权营销。")
SMALL = Sentence("The amount is below the threshold.", "金额低于核查起点。")
OPEN_ALERTS = Sentence("There are open alerts.", "有未处理的预警。")
NO_ALERTS = Sentence("There are no open alerts.", "没有未处理的预警。")
RESEMBLED = Sentence(
    "{count} watchlist entries resemble the name.", "有 {count} 个名单条目与该姓名相近。"
)
UNSUITABLE = Sentence("{rule}: {reason}", "{rule}：{reason}", within="reason")
LARGE = Sentence("The amount is {amount} or more.", "金额达到或超过 {amount}。")


@dataclass(frozen=True)
class CheckRule:
    """A rule: for which purposes, its version, and what it says of the facts."""

    id: str
    version: int
    purposes: tuple[Purpose, ...]
    judge: Callable[[Facts], tuple[Decision, str]]


@dataclass(frozen=True)
class Outcome:
    """What one rule said."""

    id: str
    version: int
    outcome: Decision
    reason: str


def decide(purpose: Purpose, facts: Facts) -> tuple[Decision, list[Outcome]]:
    """The gravest outcome of the purpose's rules, and each rule's."""
    return _decided([rule for rule in CHECK_RULES if purpose in rule.purposes], facts)


def replay(
    purpose: Purpose, facts: Facts, rules: Sequence[Outcome]
) -> tuple[Decision, list[Outcome]]:
    """Decide again by the rules and versions that a stored decision names; Conflict when one of them is not known any more."""
    rules_by_version = {
        (rule.id, rule.version): rule for rule in CHECK_RULES if purpose in rule.purposes
    }
    used = [(rule.id, rule.version) for rule in rules]
    if gone := [
        f"{name} v{version}" for name, version in used if (name, version) not in rules_by_version
    ]:
        raise Conflict("decision.rules_retired", rules=gone)
    return _decided([rules_by_version[key] for key in used], facts)


def _decided(rules: Sequence[CheckRule], facts: Facts) -> tuple[Decision, list[Outcome]]:
    outcomes = [Outcome(rule.id, rule.version, *rule.judge(facts)) for rule in rules]
    gravest: Decision = "allow"
    for outcome in outcomes:
        if SEVERITY[outcome.outcome] > SEVERITY[gravest]:
            gravest = outcome.outcome
    return gravest, outcomes


def _kyc(facts: Facts) -> tuple[Decision, str]:
    if facts["kyc_state"] == "rejected":
        return "block", KYC_REJECTED.en()
    if not facts["kyc_valid"]:
        return "review", KYC_INVALID.en()
    return "allow", KYC_VALID.en()


def _screening(facts: Facts) -> tuple[Decision, str]:
    matches = facts["watchlist_matches"]
    if any(
        match["score"] >= CERTAIN_MATCH
        and match["list"] == "sanctions"
        and match["birth_date_fits"]
        for match in matches
    ):
        return "block", SANCTIONED.en()
    if matches:
        return "review", RESEMBLED.en(count=len(matches))
    return "allow", NOT_LISTED.en()


def _suitable(facts: Facts) -> tuple[Decision, str]:
    if facts.get("unsuitable_rule"):
        return "block", UNSUITABLE.en(
            rule=facts["unsuitable_rule"], reason=facts["unsuitable_reason"]
        )
    return "allow", FITS.en()


def _consent(facts: Facts) -> tuple[Decision, str]:
    if not facts["marketing_consent"]:
        return "block", NO_CONSENT.en()
    return "allow", CONSENT.en()


def _amount(facts: Facts) -> tuple[Decision, str]:
    if Decimal(facts.get("amount") or 0) >= LARGE_AMOUNT:
        return "review", LARGE.en(amount=f"{LARGE_AMOUNT:,}")
    return "allow", SMALL.en()


def _alerts(facts: Facts) -> tuple[Decision, str]:
    if facts["open_alerts"]:
        return "review", OPEN_ALERTS.en()
    return "allow", NO_ALERTS.en()


CHECK_RULES: tuple[CheckRule, ...] = (
    CheckRule("kyc.valid", 1, ("onboarding", "product_sale", "transaction"), _kyc),
    CheckRule(
        "aml.screening", 1, ("onboarding", "product_sale", "transaction", "marketing"), _screening
    ),
    CheckRule("aml.alerts", 1, ("product_sale", "transaction", "marketing"), _alerts),
    CheckRule("suitability.product", 1, ("product_sale",), _suitable),
    CheckRule("marketing.consent", 1, ("marketing",), _consent),
    CheckRule("transaction.amount", 1, ("transaction",), _amount),
)
