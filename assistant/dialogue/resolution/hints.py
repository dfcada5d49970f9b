"""What a message that would only be answered hints at by its words: offered beside the answer, or begun where none is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.dialogue import lexicon
from assistant.dialogue.commands import AnswerQuestion, Command, StartFlow
from assistant.dialogue.flows.definition import TICKET_FLOW
from assistant.dialogue.readings import Clause
from assistant.dialogue.resolution.context import Context, size_of
from assistant.dialogue.resolution.together import takes_description
from assistant.dialogue.slot_types.texts import MAX_TEXT

# Words of an English message, characters of a Chinese one, below which it tells too little to be passed on.
LEAST_TOLD = {"en": 6, "zh": 10}
MAX_HINTED = 2
TELLING_STANCES = frozenset({"asserted", "past"})


def with_hints(context: Context, commands: Sequence[Command]) -> list[Command]:
    """Commands that only answer, with what else the message's words hint at.

    What tells of a matter can be passed on as a ticket. Where it asks the bank to do something and no article answers, the
    ticket is begun: it shows what it would send and waits for a yes.
    """
    questions = [one for one in commands if isinstance(one, AnswerQuestion)]
    if not questions or len(questions) < len(commands):
        return list(commands)
    last, flows = questions[-1], context.flows.flows
    hinted = () if last.suggest else _hinted(context)
    described = any(takes_description(flows[name]) for name in last.suggest if name in flows)
    passed_on = not described and TICKET_FLOW in flows and _tells_a_matter(context)
    suggest = tuple(dict.fromkeys((*last.suggest, *hinted, *((TICKET_FLOW,) if passed_on else ()))))
    is_alone = passed_on and not last.suggest and not hinted
    if not is_alone or not _wants_something(context):
        return [*questions[:-1], last.model_copy(update={"suggest": suggest})]
    otherwise = {"suggest": suggest, "otherwise": _ticket(context)}
    earlier = [_unless_asked(context, one) for one in questions[:-1]]
    return [*earlier, last.model_copy(update=otherwise)]


def _unless_asked(context: Context, statement: AnswerQuestion) -> AnswerQuestion:
    """What was only told, of which nothing is said where no article has it."""
    is_asked = lexicon.is_question(statement.question, context.language)
    return statement if is_asked else statement.model_copy(update={"aside": True})


def _ticket(context: Context) -> StartFlow:
    text = context.reading.text
    return StartFlow(
        flow=TICKET_FLOW, slots={"description": text[:MAX_TEXT]}, text=text, suggested=True
    )


def _statements(context: Context) -> list[Clause]:
    """The clauses that tell of something, or ask for something to be done: "could somebody look into this?"."""
    return [
        clause
        for clause in context.reading.clauses
        if not clause.courtesy and _is_of_the_bank(clause) and _tells(context, clause)
    ]


def _is_of_the_bank(clause: Clause) -> bool:
    """Whether a clause may concern the bank: what is taken for something else asks at least for something to be done."""
    return clause.intent != "out_of_scope" or lexicon.wants_something_done(clause.text)


def _tells(context: Context, clause: Clause) -> bool:
    if lexicon.is_question(clause.text, context.language):
        asks_for_it = clause.stance in ("asserted", "asked")
        return asks_for_it and lexicon.wants_something_done(clause.text)
    return clause.stance in TELLING_STANCES


def _tells_a_matter(context: Context) -> bool:
    """Whether a message of some length tells of something that is so, or should be done, and not only asks."""
    content = [one.text for one in context.reading.clauses if not one.courtesy]
    text = " ".join(content)
    is_long_enough = size_of(text, context.language) >= LEAST_TOLD[context.language]
    return is_long_enough and bool(_statements(context))


def _wants_something(context: Context) -> bool:
    """Whether a clause that asserts asks the bank to do something, in the form of a question too."""
    return any(
        clause.stance == "asserted"
        and not clause.courtesy
        and clause.intent != "out_of_scope"
        and lexicon.wants_something_done(clause.text)
        for clause in context.reading.clauses
    )


def _hinted(context: Context) -> tuple[str, ...]:
    """Flows that the words of what is told hint at, the most protective first."""
    text = " ".join(one.text for one in _statements(context))
    names = [
        flow.name
        for intent, fits in _HINTS
        if fits(context, text) and (flow := context.flows.by_intent(intent)) is not None
    ]
    return tuple(names[:MAX_HINTED])


def _of_a_lost_card(_: Context, text: str) -> bool:
    gone = lexicon.tells_of_a_loss(text) and lexicon.speaks_of_a_card(text)
    return gone and not lexicon.reports_recovery(text) and not lexicon.takes_back(text)


def _of_new_details(_: Context, text: str) -> bool:
    return lexicon.speaks_of_new_details(text)


def _of_a_meeting(_: Context, text: str) -> bool:
    return lexicon.speaks_of_a_meeting(text)


def _of_taking_a_ticket_back(context: Context, _: str) -> bool:
    text = context.reading.normalised
    return (
        lexicon.names_an_existing_ticket(text)
        and lexicon.withdraws_a_ticket(text)
        and not lexicon.speaks_of_another_matter(text)
    )


def _of_adding_to_a_ticket(context: Context, _: str) -> bool:
    text = context.reading.normalised
    return lexicon.names_an_existing_ticket(text) and lexicon.adds_to_a_ticket(text)


def _of_a_ticket_opened_here(context: Context, text: str) -> bool:
    opened = any(effect.operation == "tickets.open" for effect in context.state.effects)
    return opened and lexicon.adds_to_a_ticket(text)


def _of_a_person(context: Context, _: str) -> bool:
    return any(
        one.stance in ("asserted", "asked")
        and lexicon.wants_a_person(one.text)
        and any(candidate.name == "talk_to_person" for candidate in one.ranking[:2])
        for one in context.reading.clauses
    )


_HINTS: tuple[tuple[str, Callable[[Context, str], bool]], ...] = (
    ("report_lost_card", _of_a_lost_card),
    ("change_contact_details", _of_new_details),
    ("book_appointment", _of_a_meeting),
    ("close_ticket", _of_taking_a_ticket_back),
    ("add_to_ticket", _of_adding_to_a_ticket),
    ("add_to_ticket", _of_a_ticket_opened_here),
    ("talk_to_person", _of_a_person),
)
