"""Texts of the record are codes with parameters, the English beside them; what was stored as English is read a last time.

The audit trail stays as it is: it is chained and append-only, and its details are values, not sentences.

Revision ID: 0030
Revises: 0024
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0024"
branch_labels = None
depends_on = None

Words = dict[str, Any]
TOGETHER = 1_000

# What values of ours were written as, by the group of the catalogue that names them.
TERMS: dict[str, Sequence[str]] = {
    "queue": [
        "cards",
        "payments",
        "accounts",
        "lending",
        "wealth",
        "digital",
        "fraud",
        "complaints",
        "compliance",
        "general",
    ],
    "priority": ["low", "normal", "high", "urgent"],
    "ticket_state": (
        ["new", "open", "waiting_customer", "waiting_internal", "resolved", "closed", "archived"]
    ),
    "ticket_kind": (
        ["question", "service_request", "complaint", "fraud_report", "compliance_alert", "lead"]
    ),
    "ticket_field": [
        "state",
        "queue",
        "priority",
        "assignee",
        "comment",
        "attachment",
        "kind",
        "subject",
        "tags",
        "root_cause",
        "merged",
        "merged_from",
        "parent",
        "satisfaction",
        "redress",
        "legal_hold",
        "erased",
        "created",
        "watcher",
        "complaint_outcome",
        "complaint_referred",
        "complaint_jurisdiction",
        "complaint_complexity",
    ],
    "visibility": ["public", "internal"],
    "complaint_outcome": ["upheld", "partly", "not_upheld"],
    "signal": ["crisis", "scam", "bereavement", "illness", "hardship", "anger", "urgency"],
    "letter_step": ["acknowledged", "summary", "final"],
    "sla_timer": [
        "first_response",
        "next_response",
        "resolution",
        "summary",
        "acknowledge",
        "final",
        "response",
        "decision",
        "complex",
        "exceptional",
    ],
}
VALUES = ("ticket_kind", "queue", "priority")
# The groups of the values of a step, by what changed.
STEP_GROUPS = {
    "state": "ticket_state",
    "created": "ticket_state",
    "queue": "queue",
    "priority": "priority",
    "kind": "ticket_kind",
    "comment": "visibility",
    "complaint_outcome": "complaint_outcome",
}

# The English of each code as it was stored; what stands after it names the groups of its parameters.
CHECKS = {
    "check.kyc_rejected": "The identity check was rejected.",
    "check.kyc_invalid": "The identity check is not complete or has expired.",
    "check.kyc_valid": "The identity check is valid.",
    "check.sanctioned": "The name and birth date match a sanctions entry.",
    "check.not_listed": "No watchlist entry resembles the name.",
    "check.listed": "{count} watchlist entries resemble the name.",
    "check.suitable": "The product fits the customer.",
    "check.no_consent": "The customer has not consented to marketing.",
    "check.consent": "The customer has consented to marketing.",
    "check.small_amount": "The amount is below the threshold.",
    "check.large_amount": "The amount is {amount} or more.",
    "check.open_alerts": "There are open alerts.",
    "check.no_alerts": "There are no open alerts.",
    "check.released": "An officer released the review.",
    "eligibility.kyc": "The identity check must be renewed first.",
    "eligibility.age": "The age limits of the product are not met.",
    "eligibility.residency": "Not offered in the country of residence.",
    "eligibility.segment": "Offered to other customer segments.",
    "eligibility.held": "Already held.",
    "eligibility.minimum": "The minimum is {minimum}.",
    "suitability.assessment": "The risk assessment has expired.",
    "suitability.risk": "Risk R{risk} is above the customer's level C{level}.",
    "suitability.horizon": "The money is bound for {count} months, longer than planned.",
    "suitability.experience": "It asks for experience with such products.",
    "suitability.knowledge": (
        "It has not been shown yet that the customer understands how it works."
    ),
    "suitability.liquidity": (
        "The money would be bound, and the reserve for three months would not be left."
    ),
    "suitability.concentration": "It would be more than 35 % of the customer's assets.",
}
MATCHES = {
    "name_match.same_name": "{one} is the same name as {other}",
    "name_match.short_form": "{one} is short for the same name as {other}",
    "name_match.initial": "{one} may be the initial of {other}",
    "name_match.same_business": "{one} is the same business as {other}",
    "name_match.same": "{one} is the same",
    "name_match.same_meaning": "{one} means the same as {other}",
    "name_match.spelt_like": "{one} is spelt like {other} ({score})",
    "name_match.shared_letters": "{one} has letters of {other} ({score})",
    "name_match.sounds_like": "{one} sounds like {other} to {score}",
    "name_match.other_characters": "written with other characters",
    "name_match.no_words": "a name has no words to compare",
    "name_match.romanised": "Chinese compared with its romanisations",
    "name_match.together": "the letters written together are alike",
    "name_match.other_company_form": "another form of company",
    "name_match.no_counterparts": "a part has no counterpart on either side",
    "name_match.no_counterpart": "a part has no counterpart",
    "name_match.birth_date_fits": "the birth date fits",
    "name_match.other_birth_date": "another birth date",
    "name_match.same_country": "same country",
}
ROUTING = {
    "routing_reason.set": "given: {what} {value}",
    "routing_reason.rule": "rule {rule} v{version}: {decided}",
    "routing_reason.classifier": "classifier: {guessed}, confidence {confidence}",
    "routing_reason.team": "team for {signal}: {queue}",
    "routing_reason.not_sure": "nothing is sure enough: general queue",
    "routing_reason.sign": "sign of {signal}: “{words}”",
}
TIMERS = {
    "sla_timer.runs_out": "the clock runs out soon: {timer}",
    "sla_timer.ran_out": "the clock has run out: {timer}",
}
REASONS = TIMERS | {
    "ticket_reason.closed_by_customer": "closed by the customer",
    "ticket_reason.customer_replied": "customer replied",
    "ticket_reason.customer_wrote_again": "customer wrote again",
    "ticket_reason.answered_with": "answered with {reference}",
    "ticket_reason.letter": "letter: {letter}",
    "ticket_reason.macro": "macro",
    "ticket_reason.nothing_heard": "nothing more was heard",
    "ticket_reason.retention": "retention",
    "ticket_reason.asked_to_be_erased": "request of the person concerned",
}
FORMULAS = {
    "score_formula.assets": "sum of account balances + sum of holdings at today's value",
    "score_formula.debts": "sum of outstanding loan amounts",
    "score_formula.withheld": "withheld: the customer has not consented to profiling",
    "score_formula.contribution": (
        "margins on deposits, investments, loans and cards - expected loss of loans"
        " - cost of accounts and tickets, a year"
    ),
    "score_formula.products_held": (
        "kinds of product held: accounts, cards, loans, and each kind of investment"
    ),
    "score_formula.trend": ("(net inflow of 90 days - net inflow of the 90 days before) / assets"),
    "score_formula.potential": (
        "age x yearly income / 10 (Stanley and Danko) - (assets - debts) here, at least 0"
    ),
    "score_formula.churn_risk": (
        "1 / (1 + exp(-(sum of the signs' log-odds))), log-odds set by hand, see the model card"
    ),
    "score_formula.interests": "categories by their share of spending in 180 days",
}
IMPORTS = {
    "archive.file_damaged": "It is damaged ({error}).",
    "archive.file_locked": "It is locked with a password.",
    "archive.file_too_large": "It unpacks to far more than it is: it is not read.",
    "archive.nested_too_deeply": "Archives are opened {maximum} deep, this one lies deeper.",
    "archive.not_an_archive": "It is named .zip and is none, or it is damaged.",
    "archive.too_large": "The archive unpacks to more than {maximum} MB: split it.",
    "archive.too_many_files": (
        "The archive has {count} files; at most {maximum} are taken: split it."
    ),
    "article.slug_taken": ("There is an article {slug} in this language already: change that one."),
    "file.damaged": "The file is damaged or not what its name says ({error}).",
    "file.duplicate_slug": (
        "Two parts of the file have the slug {slug}: give them different ones."
    ),
    "file.empty": "The file is empty.",
    "file.encoding_damaged": "The text is damaged, or mixes encodings: save it as UTF-8.",
    "file.encoding_unknown": "The text is in no encoding that we know: save it as UTF-8.",
    "file.nested_too_deeply": "The file is nested too deeply.",
    "file.no_text": "The file has no text.",
    "file.not_what_it_is_named": "It is named {ending} and is none.",
    "file.page_encoding_unknown": ("The page is in no encoding that we know: save it as UTF-8."),
    "file.reading_crashed": "Reading it needs too much memory, or crashed the parser.",
    "file.reading_too_long": "Reading took more than {count} seconds.",
    "file.type_not_readable": (
        "Files of type {ending} are not read; known are {available} and .zip."
    ),
    "file.unpacks_too_large": "The file unpacks to far more than it is: it is not read.",
    "import.edited_since": "The article {slug} was edited here since: it stays as it is.",
    "pdf.damaged": "The PDF is damaged.",
    "pdf.locked": "The PDF is locked with a password.",
    "pdf.no_text": "The PDF has no text, only pictures: run text recognition over it first.",
    "pdf.too_many_pages": "The PDF has {count} pages; at most {maximum} are read: split it.",
    "table.no_head": ("A table needs a head with the columns question and answer (问题, 答案)."),
    "table.too_many_rows": "The table has more than {maximum} rows: split it.",
    "url.has_password": "An address with a password in it is not fetched.",
    "url.host_not_found": "The host {host} cannot be found.",
    "url.host_not_permitted": (
        "The host {host} is not one that we import from: add it to IMPORT_HOSTS."
    ),
    "url.host_not_public": "The host {host} is not on a public address.",
    "url.https_required": "Give an https address.",
    "url.no_response": "{host} did not answer ({error}): try again later.",
    "url.page_too_large": "The page is larger than {maximum} MB.",
    "url.too_many_redirects": "The page is redirected more than {count} times.",
    "url.unexpected_status": "{host} answered {status}.",
}
GROUPS: dict[str, Sequence[str]] = {
    "what": ("ticket_field",),
    "value": VALUES,
    "decided": VALUES,
    "guessed": VALUES,
    "queue": ("queue",),
    "signal": ("signal",),
    "timer": ("sla_timer",),
    "letter": ("letter_step",),
}
SEVERAL = ("decided",)
_FIELD = re.compile(r"\{(\w+)\}")
_STEP = re.compile(r"(\w+)(?:: (?:(.+?) → )?(.+))?", re.DOTALL)


class Reader:
    """Reads the English of some codes back, whichever of them says most of what stands there."""

    def __init__(self, wordings: dict[str, str]) -> None:
        ordered = sorted(wordings.items(), key=lambda one: -len(_FIELD.sub("", one[1])))
        self._patterns = [(code, _pattern(wording)) for code, wording in ordered]

    def __call__(self, english: str) -> Words:
        """The text with its code, or as free text where it is none of them."""
        for code, pattern in self._patterns:
            if found := pattern.fullmatch(english):
                params = {field: _param(field, value) for field, value in found.groupdict().items()}
                return {"code": code, "params": params, "en": english}
        return free(english)


def free(english: str) -> Words:
    """What a person wrote, or nobody words any more."""
    return {"code": None, "params": {}, "en": english}


def read_check(english: str) -> Words:
    """A reason of a check; one about a product names its rule and holds the reason of that."""
    rule, colon, reason = english.partition(": ")
    if colon and rule in CHECKS:
        params = {"rule": rule, "reason": _checks(reason)}
        return {"code": "check.unsuitable", "params": params, "en": english}
    return _checks(english)


def read_notice(english: str) -> Words:
    """What happened to a ticket, as its watchers read it."""
    if (timer := _timers(english))["code"]:
        return timer
    step = _STEP.fullmatch(english)
    if step is None or step[1] not in TERMS["ticket_field"]:
        return free(english)
    field, before, after = step.groups()
    if after is None:
        return _term(field, ["ticket_field"])
    groups = [STEP_GROUPS[field]] if field in STEP_GROUPS else []
    params = {"field": _term(field, ["ticket_field"]), "after": _term(after, groups)}
    if before is None:
        return {"code": "ticket_step.set", "params": params, "en": english}
    params["before"] = _term(before, groups)
    return {"code": "ticket_step.changed", "params": params, "en": english}


def _pattern(wording: str) -> re.Pattern[str]:
    parts = _FIELD.split(wording)
    return re.compile(
        "".join(f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)),
        re.DOTALL,
    )


def _param(field: str, value: str) -> Any:
    if field in ("count", "amount") and (plain := value.replace(",", "")).isdecimal():
        return int(plain)
    if field in SEVERAL:
        return [_term(one, GROUPS[field]) for one in value.split(", ")]
    return _term(value, GROUPS[field]) if field in GROUPS else value


def _term(value: str, groups: Sequence[str]) -> Words:
    key = value.replace(" ", "_")
    group = next((group for group in groups if key in TERMS[group]), None)
    return {"code": f"{group}.{key}", "params": {}, "en": value} if group else free(value)


_checks, _timers = Reader(CHECKS), Reader(TIMERS)
read_match, read_routing, read_reason = Reader(MATCHES), Reader(ROUTING), Reader(REASONS)
read_formula, read_import = Reader(FORMULAS), Reader(IMPORTS)

# Columns that were text: table, column, whether it may be absent, and who reads it.
COLUMNS: Sequence[tuple[str, str, bool, Callable[[str], Words]]] = (
    ("ticket_changes", "reason", True, read_reason),
    ("notices", "text", False, read_notice),
    ("job_lines", "reason", True, read_import),
    ("jobs", "error", True, read_import),
)


def upgrade() -> None:
    """Each text with its code and parameters."""
    for table, column, nullable, reader in COLUMNS:
        op.alter_column(
            table,
            column,
            type_=JSONB(),
            existing_type=sa.String(),
            existing_nullable=nullable,
            postgresql_using=f"case when {column} is not null then jsonb_build_object("
            f"'code', null, 'params', '{{}}'::jsonb, 'en', {column}) end",
        )
        _read_column(table, column, reader)
    for table, column, key, change in DOCUMENTS:
        _rewrite(table, column, key, _with(change, _read))


def downgrade() -> None:
    """Each text as its English."""
    for table, column, nullable, _ in COLUMNS:
        op.alter_column(
            table,
            column,
            type_=sa.String(),
            existing_type=JSONB(),
            existing_nullable=nullable,
            postgresql_using=f"{column} ->> 'en'",
        )
    for table, column, key, change in DOCUMENTS:
        _rewrite(table, column, key, _with(change, _english))


def _read_column(table: str, column: str, reader: Callable[[str], Words]) -> None:
    connection = op.get_bind()
    english = connection.execute(
        sa.text(f"select distinct {column} ->> 'en' from {table} where {column} is not null")  # noqa: S608  (names of ours)
    )
    texts = [words for (one,) in english if (words := reader(one))["code"]]
    if not texts:
        return
    connection.execute(
        sa.text("create temporary table read_texts (en text primary key, stored jsonb)")
    )
    connection.execute(
        sa.text("insert into read_texts values (:en, cast(:stored as jsonb))"),
        [{"en": words["en"], "stored": json.dumps(words)} for words in texts],
    )
    connection.execute(
        sa.text(
            f"update {table} set {column} = stored from read_texts where {column} ->> 'en' = en"  # noqa: S608  (names of ours)
        )
    )
    connection.execute(sa.text("drop table read_texts"))


Change = Callable[[str | Words, Callable[[str], Words]], Any]


def _read(text: str | Words, reader: Callable[[str], Words]) -> Words:
    return reader(text) if isinstance(text, str) else text


def _english(text: str | Words, reader: Callable[[str], Words]) -> str:
    return text if isinstance(text, str) else str(text["en"])


def _with(change: Callable[[Any, Change], Any], how: Change) -> Callable[[Any], Any]:
    return lambda document: change(document, how)


def _decision_facts(facts: Words, change: Change) -> Words:
    reason = facts.get("unsuitable_reason")
    return facts | {"unsuitable_reason": change(reason, read_check)} if reason else facts


def _decision_rules(rules: list[Words], change: Change) -> list[Words]:
    return [rule | {"reason": change(rule["reason"], read_check)} for rule in rules]


def _evidence(evidence: Words, change: Change) -> Words:
    return _reasons(evidence, read_match, change)


def _routing(routing: Words, change: Change) -> Words:
    return _reasons(routing, read_routing, change)


def _trial(result: Words, change: Change) -> Words:
    tickets = [_reasons(ticket, read_routing, change) for ticket in result.get("tickets", ())]
    return result | {"tickets": tickets} if tickets else result


def _scores(scores: Words, change: Change) -> Words:
    return {
        name: score | {"formula": change(score["formula"], read_formula)}
        if "formula" in score
        else score
        for name, score in scores.items()
    }


def _reasons(document: Words, reader: Callable[[str], Words], change: Change) -> Words:
    reasons = [change(one, reader) for one in document.get("reasons", ())]
    return document | {"reasons": reasons} if reasons else document


DOCUMENTS: Sequence[tuple[str, str, str, Callable[[Any, Change], Any]]] = (
    ("compliance_decisions", "rules", "id", _decision_rules),
    ("compliance_decisions", "facts", "id", _decision_facts),
    ("alerts", "evidence", "id", _evidence),
    ("tickets", "routing", "id", _routing),
    ("rule_trials", "result", "id", _trial),
    ("portraits", "scores", "customer_id", _scores),
)


def _rewrite(table: str, column: str, key: str, change: Callable[[Any], Any]) -> None:
    """Write the documents that the change makes different."""
    connection = op.get_bind()
    update = sa.text(f"update {table} set {column} = cast(:document as jsonb) where {key} = :key")  # noqa: S608  (names of ours)
    for rows in _pages(table, column, key):
        changed = [
            {"key": row_key, "document": json.dumps(after)}
            for row_key, before in rows
            if (after := change(before)) != before
        ]
        if changed:
            connection.execute(update, changed)


def _pages(table: str, column: str, key: str) -> Iterator[Sequence[tuple[Any, Any]]]:
    """The rows in the order of their keys, some at a time."""
    query = f"select {key}, {column} from {table}"  # noqa: S608  (names of ours)
    tail = f" order by {key} limit {TOGETHER}"
    rows = op.get_bind().execute(sa.text(query + tail)).all()
    while rows:
        yield [(row[0], row[1]) for row in rows]
        after = sa.text(f"{query} where {key} > :last{tail}")
        rows = op.get_bind().execute(after, {"last": rows[-1][0]}).all()
