"""What was done is taken back, or done to another card: "undo that", "wrong card", "no, the other one"."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue import lexicon, slot_types
from assistant.dialogue.commands import Command, StartFlow, Undo
from assistant.dialogue.corrections import corrected
from assistant.dialogue.flows.definition import Collect
from assistant.dialogue.readings import Clause
from assistant.dialogue.resolution.context import Context, asks, start_flow
from assistant.dialogue.state import OFFER_TURNS, EffectDone


def undone(context: Context, clause: Clause, clauses: Sequence[Clause]) -> Command | None:
    """The last thing that this conversation did and can take back; another card than its own is asked about first."""
    if clause.stance not in ("asserted", "past") or asks(context, clause):
        return None
    if not lexicon.takes_back(clause.text) or lexicon.names_an_account(clause.text):
        return None
    effect = next((one for one in reversed(context.state.effects) if one.undo), None)
    flow = context.flows.flows.get("unblock_card")
    if effect is None:
        is_card = bool(context.facts.cards) and not lexicon.names_an_account(clause.text)
        return start_flow(context, flow, (clause,), at_once=False) if flow and is_card else None
    if effect.undo != "cards.unblock" or flow is None:
        return Undo(effect=effect.id) if clause.evidence else None
    return _unblocked(context, clause, effect, start_flow(context, flow, clauses, at_once=False))


def _unblocked(
    context: Context, clause: Clause, effect: EffectDone, begun: StartFlow
) -> Command | None:
    """The card of the last block at once where that is plain; else asked about, the same card where none is named."""
    card, named = effect.arguments.get("card"), begun.slots.get("card")
    is_other = named is None and lexicon.names_a_card(clause.text)
    if clause.evidence and named in (None, card):
        return None if is_other else Undo(effect=effect.id)
    if named is None and not is_other:
        return begun.model_copy(update={"slots": {"card": card}})
    return begun


def taken_back(context: Context) -> Command | None:
    """After a card was blocked: "I didn't ask for that", "wrong card", 我没让你挂失. The unblocking is asked about first."""
    state, text = context.state, context.reading.normalised
    effect = next((one for one in reversed(state.effects) if one.undo == "cards.unblock"), None)
    flow = context.flows.flows.get("unblock_card")
    if effect is None or flow is None or state.turn - effect.turn > OFFER_TURNS:
        return None
    names_another = lexicon.only_names_another(text) and lexicon.names_another(text)
    if lexicon.is_question(text, context.language) or names_another:
        return None
    if not (lexicon.protests(text) or lexicon.reports_recovery(text)) or lexicon.takes_back(text):
        return None
    return StartFlow(flow=flow.name, slots={"card": effect.arguments.get("card")}, text=text)


def another_card(context: Context) -> Command | None:
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
