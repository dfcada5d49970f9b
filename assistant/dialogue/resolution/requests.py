"""Without an open flow: each clause by its intent and stance; statements beside a request belong to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    Undo,
)
from assistant.dialogue.corrections import corrected
from assistant.dialogue.flows.definition import (
    Collect,
    FlowDefinition,
)
from assistant.dialogue.policy import is_close, judge
from assistant.dialogue.readings import Clause
from assistant.dialogue.resolution.context import (
    SOCIAL,
    VIEWS,
    Context,
    ask_knowledge,
    asks,
    at_any_time,
    conversational,
    filters_of,
    flow_of,
    start_flow,
)
from assistant.dialogue.state import OFFER_TURNS, Topic
from core.contacts import find_contact

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
    commands: list[Command] = []
    topic = context.state.topic
    for clause in clauses:
        made = _from_clause(context, clause, topic, clauses)
        commands += made
        for command in made:
            if isinstance(command, AnswerQuestion):
                topic = Topic(question=command.rewritten or command.question)
    return _without_what_belongs(context, commands) or _nothing_to_do(context, clauses)


def _as_a_whole(context: Context, clauses: Sequence[Clause]) -> Command | None:
    """What a message means as a whole, in the light of what was said before."""
    text = context.reading.normalised
    if lexicon.resumes(text) and context.state.left is not None:
        return Resume()
    return (
        conversational(text)
        or _call_back_contact(context)
        or _about_figures(context)
        or _another_card(context)
        or _either(context, clauses)
    )


def _without_what_belongs(context: Context, commands: Sequence[Command]) -> list[Command]:
    """Beside a flow that takes a description, what is no question of its own belongs to the description."""
    started = [one for one in commands if isinstance(one, StartFlow)]
    flows = [context.flows.flows[one.flow] for one in started if one.flow in context.flows.flows]
    if not any(_takes_description(flow) for flow in flows):
        return list(commands)
    explicit = lexicon.asks_for_ticket(context.reading.normalised)
    left: list[Command] = []
    for command in commands:
        match command:
            case AnswerQuestion() if not lexicon.is_question(command.question, context.language):
                continue
            case Clarify():
                continue
            case StartFlow() if explicit and not command.at_once:
                flow = context.flows.flows[command.flow]
                if not _takes_description(flow) or any(isinstance(o, StartFlow) for o in left):
                    continue
        left.append(command)
    return left


def _takes_description(flow: FlowDefinition) -> bool:
    steps = (*flow.steps, *flow.without_sign_in)
    return any(isinstance(step, Collect) and step.type == "description" for step in steps)


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


def _another_card(context: Context) -> Command | None:
    """After a card was blocked: "no, the other one", "and the credit card too"."""
    state, text = context.state, context.reading.normalised
    effect = next((one for one in reversed(state.effects) if one.operation == "cards.block"), None)
    flow = context.flows.by_intent("report_lost_card")
    if effect is None or flow is None or state.turn - effect.turn > OFFER_TURNS:
        return None
    if not lexicon.only_names_another(text) or lexicon.is_question(text, context.language):
        return None
    if not (corrected(text) or lexicon.names_another(text)):
        return None
    step = next((s for s in flow.steps if isinstance(s, Collect) and s.type == "card"), None)
    if step is None:
        return None
    blocked = effect.arguments.get("card")
    read = slot_types.read_slot(step, text, (), context.facts, blocked)
    if not isinstance(read, slot_types.Filled) or read.value in (None, blocked):
        return None
    return StartFlow(flow=flow.name, slots={step.collect: read.value}, text=text, at_once=True)


def _about_figures(context: Context) -> Command | None:
    """A figure over what was shown last, or the same view of other days, parties, products."""
    result, text = context.state.last_result, context.reading.normalised
    if result is None or context.state.turn - result.turn > OFFER_TURNS:
        return None
    if (name := lexicon.aggregate(text)) and not lexicon.asks_about_terms(text):
        return AggregateAccountData(aggregate=name, over=result.view)
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
    if undo := _undo(context, clause, clauses):
        return [undo]
    if (small := _small_talk(clause)) is not None:
        return [small] if len(clauses) == 1 else []
    if clause.intent in VIEWS and clause.stance == "asserted":
        return [_view(context, clause)]
    flow = flow_of(clause, context.flows)
    if flow is not None:
        return _act(context, clause, flow, topic, clauses)
    return _without_a_flow(context, clause, topic, clauses)


def _small_talk(clause: Clause) -> Chitchat | None:
    """A greeting, thanks, a yes or no to nothing: an answer of its own only where it stands alone."""
    if clause.intent in SOCIAL:
        return Chitchat(kind=SOCIAL[clause.intent])
    if clause.intent in ("affirm", "deny", "cancel"):
        return Chitchat(kind="affirm" if clause.intent == "affirm" else "deny")
    return None


def _view(context: Context, clause: Clause) -> Command:
    """One's own data; asked which where two views are as likely."""
    if is_close(clause.ranking) and (views := _close_views(context, clause)):
        return Clarify(flows=views, text=context.reading.text)
    return ShowAccountData(view=clause.intent, filters=filters_of(clause))


def _without_a_flow(
    context: Context, clause: Clause, topic: Topic | None, clauses: Sequence[Clause]
) -> list[Command]:
    """A question, a statement, a word about languages."""
    if clause.intent == "switch_language":
        return [] if clause.stance == "asserted" else ask_knowledge(context, clause, topic)
    aside = clause.intent == "statement" or clause.stance in ("negated", "past", "reported")
    if aside and not asks(context, clause) and len(clauses) > 1:
        return []
    return ask_knowledge(context, clause, topic)


def _act(
    context: Context,
    clause: Clause,
    flow: FlowDefinition,
    topic: Topic | None,
    clauses: Sequence[Clause],
) -> list[Command]:
    """An act with its flow, as the policy allows."""
    match judge(clause, flow, context.reading.source):
        case "at_once":
            return [start_flow(context, flow, _own_clauses(context, flow, clauses), at_once=True)]
        case "start":
            return _begin(context, clause, flow, clauses)
        case "clarify":
            return [Clarify(flows=_close_flows(context, clause), text=context.reading.text)]
        case "offer":
            return ask_knowledge(context, clause, topic, suggest=(flow.name,))
    return _answered_only(context, clause, topic, clauses)


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
    if not clause.evidence and _beside_a_question(context, clause, clauses):
        return []
    if several := _several_services(context, clause):
        return [Clarify(flows=several, text=context.reading.text)]
    return [start_flow(context, flow, clauses, at_once=False)]


def _answered_only(
    context: Context, clause: Clause, topic: Topic | None, clauses: Sequence[Clause]
) -> list[Command]:
    """A negated, reported or past act: its question is answered; alone and without one, it is acknowledged."""
    if asks(context, clause):
        return ask_knowledge(context, clause, topic)
    if len(clauses) > 1:
        return []
    if clause.stance == "negated":
        return [Chitchat(kind="deny")]
    return ask_knowledge(context, clause, topic)


def _beside_a_question(context: Context, clause: Clause, clauses: Sequence[Clause]) -> bool:
    """Whether a clause that only may ask for something stands beside a question, which then is what is meant."""
    return any(one is not clause and asks(context, one) for one in clauses)


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
    views = _close_views(context, clauses[0])
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


def _undo(context: Context, clause: Clause, clauses: Sequence[Clause]) -> Command | None:
    """The last thing that this conversation did and can take back; another card than its own is asked about first."""
    effect = next((one for one in reversed(context.state.effects) if one.undo), None)
    if effect is None or clause.stance != "asserted" or asks(context, clause):
        return None
    if not lexicon.takes_back(clause.text) or lexicon.names_an_account(clause.text):
        return None
    flow = context.flows.flows.get("unblock_card")
    if effect.undo != "cards.unblock" or flow is None:
        return Undo(effect=effect.id) if clause.evidence else None
    named = start_flow(context, flow, clauses, at_once=False).slots.get("card")
    if clause.evidence and named in (None, effect.arguments.get("card")):
        is_other = named is None and lexicon.names_a_card(clause.text)
        return None if is_other else Undo(effect=effect.id)
    return start_flow(context, flow, clauses, at_once=False)


def _nothing_to_do(context: Context, clauses: Sequence[Clause]) -> list[Command]:
    """Only statements, denials and courtesies: one of them is answered all the same."""
    social = next((SOCIAL[c.intent] for c in context.reading.clauses if c.intent in SOCIAL), None)
    if clauses and not all(clause.courtesy for clause in clauses):
        return ask_knowledge(context, max(clauses, key=lambda clause: len(clause.text)))
    return [Chitchat(kind=social or "help")]
