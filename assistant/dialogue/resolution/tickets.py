"""What is said of a ticket that exists: it is added to or taken back, whatever matter the words are about."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue import lexicon
from assistant.dialogue.commands import Command
from assistant.dialogue.readings import Clause
from assistant.dialogue.resolution.context import Context, ask_knowledge, asks, start_flow

ADD, CLOSE = "add_to_ticket", "close_ticket"
PROTECTED = frozenset({"report_lost_card"})  # what comes before everything else
# Taking back is told in negations ("I don't need it any more"), which the reader takes for a negated act.
WITHDRAWING_STANCES = frozenset({"asserted", "negated"})


def of_an_existing_ticket(context: Context, clauses: Sequence[Clause]) -> list[Command]:
    """The flow that adds to a ticket or closes it, and the questions beside it; nothing where the words do not say so.

    Words of the matter itself ("one more payment that was not mine") would else report it a second time. Both flows show what
    they are about to do and wait for a yes.
    """
    text = context.reading.normalised
    if lexicon.asks_for_ticket(text) or not lexicon.names_an_existing_ticket(text):
        return []
    if any(one.intent in PROTECTED and one.stance == "asserted" for one in clauses):
        return []
    telling = [one for one in clauses if not asks(context, one)]
    closing = next((one for one in telling if _withdraws(one)), None)
    adding = next((one for one in telling if _adds(one)), None)
    name = CLOSE if closing is not None else ADD if adding is not None else None
    if name is None or name not in context.flows.flows:
        return []
    questions = [one for one in clauses if one not in telling]
    answers = [command for one in questions for command in ask_knowledge(context, one)]
    return [*answers, start_flow(context, context.flows.flows[name], clauses, at_once=False)]


def _withdraws(clause: Clause) -> bool:
    is_own = clause.stance in WITHDRAWING_STANCES or _is_request_read_as_past(clause)
    of_a_ticket = clause.intent == CLOSE or not lexicon.speaks_of_another_matter(clause.text)
    return is_own and of_a_ticket and lexicon.withdraws_a_ticket(clause.text)


def _adds(clause: Clause) -> bool:
    is_own = clause.stance == "asserted" or _is_request_read_as_past(clause)
    return is_own and lexicon.adds_to_a_ticket(clause.text)


def _is_request_read_as_past(clause: Clause) -> bool:
    return clause.stance == "past" and lexicon.still_wants_it(clause.text)
