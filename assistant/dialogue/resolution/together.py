"""A message's commands as a whole: what belongs together, what only may be meant, what the clauses ask for only together."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dialogue import follow_ups, lexicon
from assistant.dialogue.commands import AnswerQuestion, Clarify, Command, Handoff, StartFlow
from assistant.dialogue.flows.catalogue_flows import PREFIX
from assistant.dialogue.flows.definition import Collect, FlowDefinition
from assistant.dialogue.readings import Candidate, Clause
from assistant.dialogue.resolution.context import Context, entries_of, size_of

SURE_DENIAL = 0.6  # of a stance; "my limit is not enough" is one with less
SHORT_REQUEST = {"en": 5, "zh": 8}  # words, characters of a request that names nothing by itself


def with_preceding(
    context: Context, before: str | None, commands: Sequence[Command]
) -> list[Command]:
    """Commands whose questions may be about what was said just before them in the same message."""
    if before is None:
        return list(commands)
    return [
        _with_before(context, one, before) if isinstance(one, AnswerQuestion) else one
        for one in commands
    ]


def _with_before(context: Context, question: AnswerQuestion, before: str) -> AnswerQuestion:
    complete = follow_ups.with_thing(question.question, before, context.language)
    return question.model_copy(
        update={"before": before, "rewritten": complete or question.rewritten}
    )


def without_guesses(commands: Sequence[Command]) -> list[Command]:
    """Beside something plain, what only may be meant is not asked about.

    Nor is a task asked about that begins anyway; who wants an appointment speaks to a person there, not here.
    """
    plain = [one for one in commands if not isinstance(one, Clarify) and not _is_aside(one)]
    if not plain:
        return list(commands)
    begun = {one.flow for one in commands if isinstance(one, StartFlow)}
    return [
        one
        for one in commands
        if not isinstance(one, Clarify)
        and not (isinstance(one, Handoff) and "book_appointment" in begun)
        and not (isinstance(one, AnswerQuestion) and not begun.isdisjoint(one.suggest))
    ]


def with_the_entry_meant(context: Context, clauses: Sequence[Clause]) -> list[Clause]:
    """The clauses, where a request that does not name its thing has the catalogue's entry that the words around it name.

    Looked for in the clauses beside it, then in the message as a whole, then in what was offered last. Of two entries
    that a request may mean, the one that another clause speaks of is meant.
    """
    return [_with_the_entry_meant(context, clause, clauses) for clause in clauses]


def _with_the_entry_meant(context: Context, clause: Clause, clauses: Sequence[Clause]) -> Clause:
    if clause.intent != "open_ticket" or clause.stance not in ("asserted", "asked"):
        return clause
    beside = [
        one
        for other in clauses
        if other is not clause and not _denies(other)
        for one in other.services
    ]
    around = [*beside, *context.reading.services]
    if not clause.services:
        found = around or ([] if _names_its_thing(context, clause) else _offered(context))
        return clause.model_copy(update={"services": tuple(found[:1])})
    names = {one.name for one in around}
    meant = [one for one in clause.services if one.name in names]
    if len(clause.services) > 1 and len(meant) == 1:
        return clause.model_copy(update={"services": tuple(meant)})
    return clause


def _denies(clause: Clause) -> bool:
    """Whether what a clause speaks of is not meant: denied surely, somebody else's, or only supposed."""
    is_denied = clause.stance == "negated" and clause.stance_confidence >= SURE_DENIAL
    return is_denied or clause.stance in ("reported", "hypothetical")


def _names_its_thing(context: Context, clause: Clause) -> bool:
    """Whether a request has enough words to be about something of its own."""
    return size_of(clause.text, context.language) > SHORT_REQUEST[context.language]


def _offered(context: Context) -> list[Candidate]:
    """The entry of the catalogue that was offered last, if it was one."""
    offer = context.state.offer
    names = [
        one.command.flow.removeprefix(PREFIX)
        for one in (offer.items if offer else ())
        if isinstance(one.command, StartFlow) and one.command.flow.startswith(PREFIX)
    ]
    return [Candidate(name=names[0], confidence=1.0)] if len(names) == 1 else []


def with_entries(context: Context, commands: Sequence[Command]) -> list[Command]:
    """Where a message only asks, what its clauses together may ask of the catalogue is offered with the last answer."""
    questions = [one for one in commands if isinstance(one, AnswerQuestion)]
    if not questions or len(questions) < len(commands) or any(one.suggest for one in questions):
        return list(commands)
    entries = entries_of(context.reading.services, context.reading.normalised, context.flows)
    names = tuple(flow.name for flow in entries)[:1]
    return [*questions[:-1], questions[-1].model_copy(update={"suggest": names})]


def _is_aside(command: Command) -> bool:
    return isinstance(command, AnswerQuestion) and command.aside


def without_what_belongs(context: Context, commands: Sequence[Command]) -> list[Command]:
    """Beside a flow that takes a description, what is no question of its own belongs to the description."""
    started = [one for one in commands if isinstance(one, StartFlow)]
    flows = [context.flows.flows[one.flow] for one in started if one.flow in context.flows.flows]
    if not any(takes_description(flow) for flow in flows):
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
                if not takes_description(flow) or any(isinstance(o, StartFlow) for o in left):
                    continue
        left.append(command)
    return left


def takes_description(flow: FlowDefinition) -> bool:
    """Whether a flow takes what its matter is about in the customer's words."""
    steps = (*flow.steps, *flow.without_sign_in)
    return any(isinstance(step, Collect) and step.type == "description" for step in steps)
