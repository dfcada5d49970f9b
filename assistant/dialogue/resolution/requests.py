"""Without an open flow: each clause by its intent and stance; statements beside a request belong to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from assistant.dialogue import lexicon, slot_types
from assistant.dialogue.commands import (
    AggregateAccountData,
    AnswerQuestion,
    Chitchat,
    Clarify,
    Command,
    Resume,
    ShowAccountData,
    StartFlow,
)
from assistant.dialogue.flows.definition import Collect, FlowDefinition, SlotType
from assistant.dialogue.policy import MIN_CONFIDENCE_TO_START, is_close, judge
from assistant.dialogue.readings import Clause
from assistant.dialogue.resolution.appointments import of_an_appointment
from assistant.dialogue.resolution.context import (
    LOCK,
    OF_A_TICKET,
    SOCIAL,
    SURE_INTENT,
    SURE_TASK,
    VIEWS,
    Context,
    ask_knowledge,
    asks,
    at_any_time,
    conversational,
    entries_of,
    filters_of,
    flow_of,
    holds_value,
    size_of,
    start_flow,
)
from assistant.dialogue.resolution.hints import with_hints
from assistant.dialogue.resolution.tickets import of_an_existing_ticket
from assistant.dialogue.resolution.together import (
    with_entries,
    with_preceding,
    with_the_entry_meant,
    without_guesses,
    without_what_belongs,
)
from assistant.dialogue.resolution.undoing import another_card, taken_back, undone
from assistant.dialogue.state import OFFER_TURNS, Result, Topic
from core.contacts import find_contact

# What a clause beside others does not ask about by itself.
TELLING = frozenset({"statement", "cancel", "leave_queue", "affirm", "deny"})
GENERAL = frozenset({"ask_question", "out_of_scope"})  # what names nothing of one's own
LEAST_STATED = {"en": 2, "zh": 4}  # words, characters of a trouble that is told
# Values that tell what a message is about; a card, an amount or a topic may be of anything.
TELLING_TYPES: frozenset[SlotType] = frozenset({"field", "address", "moment"})
# Words that must be there besides, by the intent.
_SPEAK_OF: Mapping[str, Callable[[str], bool]] = {
    "change_contact_details": lexicon.speaks_of_new_details,
    "book_appointment": lexicon.speaks_of_a_meeting,
}
GOES_ON_SHORT = 60  # characters of a message that goes on about the figures shown last


_GOES_ON = re.compile(
    r"^\s*(?:and|what about|how about|only|just|but)\b|^(?:那|还有|只看|只要|以及)|呢[?？]?\s*$",
    re.IGNORECASE,
)


_VIEW_OF_PRODUCT = {
    "credit_card": "show_cards",
    "debit_card": "show_cards",
    "current_account": "show_balance",
    "savings_account": "show_balance",
    "mortgage": "show_loans",
    "personal_loan": "show_loans",
    "loan": "show_loans",
    "fund": "show_holdings",
    "bond": "show_holdings",
}


def freely(context: Context, clauses: Sequence[Clause]) -> list[Command]:
    """Each clause by its intent and stance; statements beside a request belong to it."""
    if whole := _as_a_whole(context, clauses):
        return [whole]
    if of_a_ticket := of_an_existing_ticket(context, clauses):
        return of_a_ticket
    clauses = with_the_entry_meant(context, clauses)
    commands: list[Command] = []
    topic, before = context.state.topic, None
    for clause in clauses:
        if _goes_on_about_tickets(context, clause, commands):
            continue
        made = with_preceding(context, before, _from_clause(context, clause, topic, clauses))
        commands += made
        questions = [one for one in made if isinstance(one, AnswerQuestion)]
        if questions:
            topic, before = Topic(question=questions[-1].rewritten or questions[-1].question), None
        else:
            before = clause.text
    commands = without_guesses(without_what_belongs(context, commands))
    commands = with_hints(context, with_entries(context, commands))
    return commands or _nothing_to_do(context, clauses)


def _goes_on_about_tickets(context: Context, clause: Clause, commands: Sequence[Command]) -> bool:
    """Whether a clause says more of tickets that the message asks for already: “how many tickets do I have, and how are they?”."""
    flow = context.flows.by_intent(clause.intent) if clause.intent in OF_A_TICKET else None
    return flow is not None and any(
        isinstance(one, StartFlow) and one.flow == flow.name for one in commands
    )


def _as_a_whole(context: Context, clauses: Sequence[Clause]) -> Command | None:
    """What a message means as a whole, in the light of what was said before."""
    text = context.reading.normalised
    if lexicon.resumes(text) and context.state.left is not None:
        return Resume()
    return (
        conversational(text)
        or taken_back(context)
        or _call_back_contact(context)
        or _about_figures(context)
        or another_card(context)
        or _either(context, clauses)
    )


def _call_back_contact(context: Context) -> Command | None:
    """Where a visitor who waits for a person can be reached."""
    queue = context.state.queue
    if queue is None or not queue.asked_contact or queue.call_back_promised:
        return None
    is_asked = lexicon.is_question(context.reading.normalised, context.language)
    if is_asked or context.facts.state != "queued":
        return None
    contact = find_contact(context.reading.normalised)
    if contact is None or "call_back" not in context.flows.flows:
        return None
    return StartFlow(flow="call_back", slots={"contact": contact}, text=context.reading.text)


def _narrowed(context: Context, result: Result) -> dict[str, Any]:
    """Which of the bookings that were shown a figure is of: those of a party that is named, and payments alone where it says so."""
    if result.view != "show_transactions":
        return {}
    text = context.reading.normalised
    filters = filters_of(context.reading.clauses[0])
    words = _words_of(text)
    labels = {item.label for item in result.items if words & _words_of(item.label)}
    if "party" not in filters and len(labels) == 1:
        filters["party"] = labels.pop()
    if lexicon.asks_about_payments(text):
        filters["outgoing"] = True
    return filters


def _words_of(text: str) -> frozenset[str]:
    """Words by which a party is recognised: Latin ones of four letters and more."""
    return frozenset(re.findall(r"[a-z]{4,}", text.lower()))


def _about_figures(context: Context) -> Command | None:
    """A figure over what was shown last, or the same view of other days, parties, products."""
    result, text = context.state.last_result, context.reading.normalised
    if result is None or context.state.turn - result.turn > OFFER_TURNS:
        return None
    if (name := lexicon.aggregate(text)) and not lexicon.asks_about_terms(text):
        filters = _narrowed(context, result)
        return AggregateAccountData(aggregate=name, over=result.view, filters=filters)
    if len(text) > GOES_ON_SHORT or not _GOES_ON.search(text):
        return None
    clause = context.reading.clauses[0]
    if result.view == "show_transactions" and clause.first(
        "date", "merchant", "organisation", "amount"
    ):
        return ShowAccountData(view=result.view, filters=filters_of(clause))
    view = _VIEW_OF_PRODUCT.get(str(clause.first("product")))
    return ShowAccountData(view=view) if view else None


def _from_clause(
    context: Context, clause: Clause, topic: Topic | None, clauses: Sequence[Clause]
) -> list[Command]:
    """What one clause asks for."""
    if always := at_any_time(context, clause):
        return always
    existing = undone(context, clause, clauses) or of_an_appointment(context, clause)
    special = existing or _payment_order(clause)
    if commands := [special] if special else _lock(context, clause, topic):
        return commands
    if (small := _small_talk(clause)) is not None:
        return [small] if len(clauses) == 1 else []
    if clause.intent in VIEWS and _is_shown(context, clause):
        return [_view(context, clause)]
    flow = flow_of(clause, context.flows)
    if flow is not None and _is_of_no_ticket(context, clause):
        flow = next(iter(entries_of(clause.services, clause.text, context.flows)), None)
    if flow is not None:
        return _act(context, clause, flow, topic, clauses)
    return _without_a_flow(context, clause, topic, clauses)


def _lock(context: Context, clause: Clause, topic: Topic | None) -> list[Command]:
    """A card to be locked for a time, asked for in so many words, whatever the models take it for.

    Begun with evidence, or where it still asks which card; a guess locks nothing, and is offered.
    """
    is_asked = clause.stance in ("asserted", "asked") and not lexicon.asks_how(clause.text)
    is_lock = lexicon.wants_a_lock(clause.text) and lexicon.asks_to_block(clause.text)
    if not is_asked or not is_lock or not lexicon.speaks_of_a_card(clause.text):
        return []
    flow = context.flows.by_service(LOCK)
    if flow is None:
        return []
    begun = start_flow(context, flow, (clause,), at_once=False)
    asks_which = len(context.facts.active_cards) > 1 and not begun.slots
    if clause.evidence or asks_which:
        return [begun]
    return ask_knowledge(context, clause, topic, suggest=(flow.name,))


def _payment_order(clause: Clause) -> Chitchat | None:
    """Money to be moved, which is said to be done elsewhere."""
    is_order = clause.stance == "asserted" and lexicon.orders_a_payment(clause.text)
    return Chitchat(kind="payment_order") if is_order else None


def _is_of_no_ticket(context: Context, clause: Clause) -> bool:
    """Whether a clause would follow, change or close a ticket and speaks of none, where it is unsure or there is none."""
    sure = bool(context.facts.tickets) and clause.confidence >= SURE_INTENT
    if clause.intent not in OF_A_TICKET or sure:
        return False
    return not lexicon.names_a_ticket(clause.text) and clause.first("ticket_reference") is None


def _small_talk(clause: Clause) -> Chitchat | None:
    """A greeting, thanks, a yes or no to nothing: an answer of its own only where it stands alone."""
    if clause.intent in SOCIAL:
        return Chitchat(kind=SOCIAL[clause.intent])
    if clause.intent == "affirm" and lexicon.begins_with_yes(clause.text):
        return Chitchat(kind="affirm")
    if clause.intent in ("deny", "cancel") and _says_no(clause.text):
        return Chitchat(kind="deny")
    return None


def _says_no(text: str) -> bool:
    """Whether a text refuses or leaves something in so many words; with nothing open, “stop my direct debit” does not."""
    return lexicon.begins_with_no(text) or lexicon.denies(text) or lexicon.cancels(text)


def _is_shown(context: Context, clause: Clause) -> bool:
    """Whether a clause asks for one's own data; a trouble that mentions them ("my balance is down by 300") does not."""
    if clause.stance != "asserted":
        return False
    is_plain = clause.evidence or clause.confidence >= SURE_TASK or asks(context, clause)
    return is_plain and not lexicon.tells_a_trouble(clause.text)


def _view(context: Context, clause: Clause) -> Command:
    """One's own data; asked which where two views are as likely."""
    if is_close(clause.ranking) and (views := _close_views(context, clause)):
        return Clarify(flows=views, text=context.reading.text)
    return ShowAccountData(view=clause.intent, filters=filters_of(clause))


def _without_a_flow(
    context: Context, clause: Clause, topic: Topic | None, clauses: Sequence[Clause]
) -> list[Command]:
    """A question, a statement, a word about languages."""
    is_of_here = lexicon.speaks_of_a_language_here(clause.text)
    if clause.intent == "switch_language" and is_of_here and clause.stance == "asserted":
        return []  # it is spoken already
    tells = clause.intent in TELLING or clause.intent in SOCIAL
    aside = tells or clause.stance in ("negated", "past", "reported")
    if aside and not asks(context, clause) and len(clauses) > 1:
        return _statement_beside(context, clause, topic)
    return ask_knowledge(context, clause, topic)


def _statement_beside(context: Context, clause: Clause, topic: Topic | None) -> list[Command]:
    """A trouble that is told beside something else, and that the catalogue knows, is answered where an article has it."""
    is_short = size_of(clause.text, context.language) < LEAST_STATED[context.language]
    if clause.stance != "asserted" or not clause.services or is_short:
        return []
    return [
        one.model_copy(update={"aside": True}) if isinstance(one, AnswerQuestion) else one
        for one in ask_knowledge(context, clause, topic)
    ]


def _act(
    context: Context,
    clause: Clause,
    flow: FlowDefinition,
    topic: Topic | None,
    clauses: Sequence[Clause],
) -> list[Command]:
    """An act with its flow, as the policy allows."""
    verdict = judge(clause, flow, context.reading.source)
    if verdict == "start" and _lacks_its_words(context, clause, flow):
        verdict = "offer"
    match verdict:
        case "at_once" if may_act_at_once(context, flow, clauses):
            return [start_flow(context, flow, _own_clauses(context, flow, clauses), at_once=True)]
        case "start":
            return _begin(context, clause, flow, clauses)
        case "clarify":
            return [Clarify(flows=_close_flows(context, clause), text=context.reading.text)]
        case "offer" if _holds_its_value(context, clause, flow):
            return _begin(context, clause, flow, clauses)
        case "offer" | "at_once":
            fits = flow.effect != "protective" or lexicon.names_a_loss(clause.text)
            return ask_knowledge(context, clause, topic, suggest=(flow.name,) if fits else ())
    return _answered_only(context, clause, topic, clauses)


def _lacks_its_words(context: Context, clause: Clause, flow: FlowDefinition) -> bool:
    """Whether a report of fraud would begin on words that tell of none, such as a transfer that is to be traced."""
    is_fraud = clause.intent == "report_fraud" and clause.intent in flow.start.intents
    return is_fraud and not lexicon.speaks_of_fraud(context.reading.normalised)


def _holds_its_value(context: Context, clause: Clause, flow: FlowDefinition) -> bool:
    """Whether a clause that likely asks for a task holds what the task is about: a new number, an address, a day to meet."""
    speaks_of_it = _SPEAK_OF.get(clause.intent)
    is_likely = clause.stance == "asserted" and clause.confidence >= MIN_CONFIDENCE_TO_START
    if speaks_of_it is None or not is_likely or not speaks_of_it(clause.text):
        return False
    steps = flow.steps_in(flow.branch_for(signed_in=context.facts.signed_in))
    return any(
        isinstance(step, Collect)
        and step.type in TELLING_TYPES
        and holds_value(context, step, (clause,))
        for step in steps
    )


def may_act_at_once(context: Context, flow: FlowDefinition, clauses: Sequence[Clause]) -> bool:
    """Whether nothing in a message speaks against fetching a person, or blocking a card, at once.

    Somebody to talk to must be spoken of. Of a card, the words of a loss or of blocking must be there, and the card or what
    it was kept in ("there is an l missing" is of a name); nothing may be held
    back ("only for now", 还没决定); and a card that is named must be one of the customer's.
    """
    if flow.effect == "handoff":
        own = _own_clauses(context, flow, clauses)
        return any(lexicon.wants_a_person(one.text) for one in own)
    if flow.effect != "protective":
        return True
    text = " ".join(clause.text for clause in _own_clauses(context, flow, clauses))
    whole = context.reading.normalised
    names_a_card = lexicon.speaks_of_a_card(whole) or lexicon.asks_to_block(whole)
    if (
        not (lexicon.names_a_loss(text) and names_a_card)
        or lexicon.takes_back(whole)
        or lexicon.reports_recovery(whole)
    ):
        return False
    if any(lexicon.holds_back(one.text) or lexicon.undecided(one.text) for one in clauses):
        return False
    return not context.facts.signed_in or slot_types.may_be_own_card(text, context.facts)


def _own_clauses(
    context: Context, flow: FlowDefinition, clauses: Sequence[Clause]
) -> Sequence[Clause]:
    """The clauses that assert the act: only they name what is acted on. A visitor's report is told by all of them."""
    if not context.facts.signed_in and flow.without_sign_in:
        return clauses
    asserted = [one for one in clauses if one.stance == "asserted"]
    return [one for one in asserted if flow_of(one, context.flows) is flow]


def _begin(
    context: Context, clause: Clause, flow: FlowDefinition, clauses: Sequence[Clause]
) -> list[Command]:
    """A flow that confirms before it writes; nothing where a question beside it is what is meant."""
    only_shows = flow.effect == "none"
    if not only_shows and not clause.evidence and _beside_a_question(context, clause, clauses):
        return []
    unasked = clause.intent == "open_ticket" and clause.confidence < SURE_INTENT
    if flow.start.intents and unasked and not lexicon.names_a_ticket(clause.text):
        return ask_knowledge(context, clause, None, suggest=(flow.name,))
    if several := _several_services(context, clause):
        return [Clarify(flows=several, text=context.reading.text)]
    return [start_flow(context, flow, clauses, at_once=False)]


def _answered_only(
    context: Context, clause: Clause, topic: Topic | None, clauses: Sequence[Clause]
) -> list[Command]:
    """A negated, reported or past act: its question is answered; alone and without one, it is acknowledged."""
    lock = context.flows.by_service(LOCK)
    if lock is not None and clause.stance == "negated" and lexicon.wants_a_lock(clause.text):
        return ask_knowledge(context, clause, topic, suggest=(lock.name,))
    if asks(context, clause):
        return ask_knowledge(context, clause, topic)
    if len(clauses) > 1:
        return []
    if clause.stance == "negated" and clause.confidence >= SURE_TASK:
        return [Chitchat(kind="deny")]
    return ask_knowledge(context, clause, topic)


def _beside_a_question(context: Context, clause: Clause, clauses: Sequence[Clause]) -> bool:
    """Whether a clause that only may ask for something stands beside a question of something else, which then is meant."""
    return any(one.intent != clause.intent and asks(context, one) for one in clauses)


def _several_services(context: Context, clause: Clause) -> tuple[str, ...]:
    """The entries of the catalogue between which a clause leaves the choice."""
    if clause.intent != "open_ticket" or len(clause.services) < 2:  # noqa: PLR2004  (two of them)
        return ()
    names = tuple(f"service.{candidate.name}" for candidate in clause.services)
    return tuple(name for name in names if name in context.flows.flows)


def _either(context: Context, clauses: Sequence[Clause]) -> Command | None:
    """Asked which, where a message only names two of one's own data or tasks."""
    text = context.reading.normalised
    if len(clauses) != 1 or not lexicon.names_either(text) or "?" in text:
        return None
    own = [one for one in clauses[0].ranking if one.name not in GENERAL]
    views = _close_views(context, clauses[0].model_copy(update={"ranking": tuple(own)}))
    return Clarify(flows=views, text=context.reading.text) if views else None


def _close_views(context: Context, clause: Clause) -> tuple[str, ...]:
    """The views and flows between which a request for one's own data leaves the choice; none where it leaves none."""
    names = [
        flow.name if (flow := context.flows.by_intent(one.name)) else one.name
        for one in clause.ranking[:2]
    ]
    known = [name for name in names if name in VIEWS or name in context.flows.flows]
    return tuple(known) if len(known) > 1 else ()


def _close_flows(context: Context, clause: Clause) -> tuple[str, ...]:
    flows = [context.flows.by_intent(candidate.name) for candidate in clause.ranking[:2]]
    own = flow_of(clause, context.flows)
    names = [flow.name for flow in [own, *flows] if flow is not None]
    return tuple(dict.fromkeys(names))


def _nothing_to_do(context: Context, clauses: Sequence[Clause]) -> list[Command]:
    """Only statements, denials and courtesies: one of them is answered all the same."""
    social = next((SOCIAL[c.intent] for c in context.reading.clauses if c.intent in SOCIAL), None)
    if clauses and not all(clause.courtesy for clause in clauses):
        return ask_knowledge(context, max(clauses, key=lambda clause: len(clause.text)))
    return [Chitchat(kind=social or "help")]
