"""Checkpoints: versioned rules over facts decide allow, review or block. Pure; a stored decision replays to the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from core.errors import Conflict
from core.localized_text import LocalizedText

Decision = Literal["allow", "review", "block"]
Purpose = Literal["onboarding", "product_sale", "marketing", "transaction"]
SEVERITY: dict[Decision, int] = {"allow": 0, "review": 1, "block": 2}
# From here, in the base currency, a transaction is looked at: the EU's cash threshold, Directive 2015/849.
LARGE_AMOUNT = 10_000
CERTAIN_MATCH = 0.97  # similarity of names from which a fitting birth date blocks
Facts = dict[str, Any]


@dataclass(frozen=True)
class CheckRule:
    """A rule: for which purposes, its version, and what it says of the facts."""

    id: str
    version: int
    purposes: tuple[Purpose, ...]
    judge: Callable[[Facts], tuple[Decision, LocalizedText]]


@dataclass(frozen=True)
class Outcome:
    """What one rule said."""

    id: str
    version: int
    outcome: Decision
    reason: LocalizedText


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


def _kyc(facts: Facts) -> tuple[Decision, LocalizedText]:
    if facts["kyc_state"] == "rejected":
        return "block", LocalizedText("check.kyc_rejected")
    if not facts["kyc_valid"]:
        return "review", LocalizedText("check.kyc_invalid")
    return "allow", LocalizedText("check.kyc_valid")


def _screening(facts: Facts) -> tuple[Decision, LocalizedText]:
    matches = facts["watchlist_matches"]
    if any(
        match["score"] >= CERTAIN_MATCH
        and match["list"] == "sanctions"
        and match["birth_date_fits"]
        for match in matches
    ):
        return "block", LocalizedText("check.sanctioned")
    if matches:
        return "review", LocalizedText("check.listed", count=len(matches))
    return "allow", LocalizedText("check.not_listed")


def _suitable(facts: Facts) -> tuple[Decision, LocalizedText]:
    if facts.get("unsuitable_rule"):
        return "block", LocalizedText(
            "check.unsuitable",
            rule=facts["unsuitable_rule"],
            reason=LocalizedText.from_json(facts["unsuitable_reason"]),
        )
    return "allow", LocalizedText("check.suitable")


def _consent(facts: Facts) -> tuple[Decision, LocalizedText]:
    if not facts["marketing_consent"]:
        return "block", LocalizedText("check.no_consent")
    return "allow", LocalizedText("check.consent")


def _amount(facts: Facts) -> tuple[Decision, LocalizedText]:
    if Decimal(facts.get("amount") or 0) >= LARGE_AMOUNT:
        return "review", LocalizedText("check.large_amount", amount=LARGE_AMOUNT)
    return "allow", LocalizedText("check.small_amount")


def _alerts(facts: Facts) -> tuple[Decision, LocalizedText]:
    if facts["open_alerts"]:
        return "review", LocalizedText("check.open_alerts")
    return "allow", LocalizedText("check.no_alerts")


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
