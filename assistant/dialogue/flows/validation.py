"""Flows checked against each other, the operations, the service catalogue and the message catalogues."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from string import Formatter

from actions.tickets.ticket_config.contents import ServiceContent
from assistant.dialogue.flows.catalogue_flows import PREFIX, flows_of_services
from assistant.dialogue.flows.definition import (
    CallStep,
    Collect,
    Condition,
    Confirm,
    End,
    FlowDefinition,
    Link,
    OfferStep,
    SayStep,
    Step,
)
from assistant.dialogue.flows.loading import FlowFile, Place
from assistant.dialogue.flows.problems import FlowProblem, FlowsInvalid
from assistant.dialogue.flows.signatures import REQUEST, SIGNATURES
from core.catalogue import has_message, template
from core.languages import LANGUAGES

# What the engine itself names in a text beside the slots that a step shows.
CONFIRM_PARAMETERS = frozenset({"name", "answers"})
# What changes something: a flow that calls it has an effect.
WRITING = frozenset(
    {
        "cards.block",
        "cards.unblock",
        "tickets.open",
        "tickets.comment",
        "tickets.close",
        REQUEST,
        "appointments.request",
        "call_back.promise",
        "handoff.request",
    }
)

Steps = Sequence[Step]


def require_valid(flows: Sequence[FlowFile], services: Mapping[str, ServiceContent]) -> None:
    """FlowsInvalid with everything that is wrong, if anything is."""
    if problems := check(flows, services):
        raise FlowsInvalid(problems)


def check(flows: Sequence[FlowFile], services: Mapping[str, ServiceContent]) -> list[FlowProblem]:
    """Everything that is wrong with these flows, which are all there are beside those of the service catalogue."""
    all_flows = flows_of_services(services) | {
        flow.definition.name: flow.definition for flow in flows
    }
    problems = list(_taken_twice(flows, all_flows))
    for flow in flows:
        problems += _check_flow(flow, all_flows)
    problems += _cycles(flows, all_flows)
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.path))


def _taken_twice(
    flows: Sequence[FlowFile], all_flows: Mapping[str, FlowDefinition]
) -> Iterator[FlowProblem]:
    """Names, titles and intents are those of one flow: a tap sends a title, and an intent starts one flow."""
    names: dict[str, str] = {}
    titles = {
        title.casefold(): flow.name
        for flow in all_flows.values()
        if flow.name.startswith(PREFIX)
        for title in (flow.title.en, flow.title.zh)
    }
    intents: dict[str, str] = {}
    for flow in flows:
        own = flow.definition
        if own.name in names or own.name.startswith(PREFIX):
            yield flow.problem(("name",), "flow.name_twice", name=own.name)
        names[own.name] = flow.file
        for language, title in (("en", own.title.en), ("zh", own.title.zh)):
            other = titles.setdefault(title.casefold(), own.name)
            if other != own.name:
                yield flow.problem(
                    ("title", language), "flow.title_twice", title=title, other=other
                )
        for intent in own.start.intents:
            other = intents.setdefault(intent, own.name)
            if other != own.name:
                yield flow.problem(
                    ("start", "intents"), "flow.intent_twice", intent=intent, other=other
                )


def _check_flow(flow: FlowFile, all_flows: Mapping[str, FlowDefinition]) -> Iterator[FlowProblem]:
    own = flow.definition
    if own.start.service is not None and f"{PREFIX}{own.start.service}" not in all_flows:
        yield flow.problem(("start", "service"), "flow.service_unknown", code=own.start.service)
    for name, steps in (("steps", own.steps), ("without_sign_in", own.without_sign_in)):
        yield from _check_steps(flow, name, steps, all_flows)
        yield from _check_confirmed(flow, name, steps)


def _check_steps(
    flow: FlowFile, name: str, steps: Steps, all_flows: Mapping[str, FlowDefinition]
) -> Iterator[FlowProblem]:
    """Every step by itself, in the light of the slots that those before it fill."""
    slots = set(flow.definition.inputs)
    ended = False
    for number, step in enumerate(steps):
        place: Place = (name, number)
        if ended:
            yield flow.problem(place, "flow.step_unreachable")
            return
        yield from _check_condition(flow, place, step.when, slots)
        yield from _check_step(flow, place, step, slots, all_flows)
        slots |= _filled_by(step)
        ended = isinstance(step, End | Link) and step.when is None


def _filled_by(step: Step) -> set[str]:
    match step:
        case Collect():
            return {step.collect}
        case CallStep() if step.call in SIGNATURES:
            return set(SIGNATURES[step.call].returns)
    return set()


def _check_condition(
    flow: FlowFile, place: Place, when: Condition | None, slots: set[str]
) -> Iterator[FlowProblem]:
    if when is None:
        return
    for word in ("slot", "missing", "without_time", "foreign"):
        slot = getattr(when, word)
        if slot is not None and slot not in slots:
            yield _undefined_slot(flow, (*place, "when", word), slot, slots)


def _check_step(
    flow: FlowFile,
    place: Place,
    step: Step,
    slots: set[str],
    all_flows: Mapping[str, FlowDefinition],
) -> Iterator[FlowProblem]:
    match step:
        case Collect():
            yield from _check_collect(flow, place, step)
        case Confirm():
            yield from _check_shown(flow, place, step.show, slots)
            yield from _check_text(
                flow, (*place, "confirm"), step.confirm, {*step.show, *CONFIRM_PARAMETERS}
            )
            yield from _check_text(flow, (*place, "denied"), step.denied, set())
        case SayStep():
            yield from _check_shown(flow, place, step.show, slots)
            yield from _check_text(flow, (*place, "say"), step.say, set(step.show))
        case CallStep():
            yield from _check_call(flow, place, step, slots, all_flows)
        case OfferStep():
            for number, name in enumerate(step.offer):
                yield from _check_flow_name(flow, (*place, "offer", number), name, all_flows)
        case Link():
            yield from _check_flow_name(flow, (*place, "link"), step.link, all_flows)


def _check_collect(flow: FlowFile, place: Place, step: Collect) -> Iterator[FlowProblem]:
    if (step.type == "field") != (step.field is not None):
        yield flow.problem(place, "flow.field_misplaced", slot=step.collect)
    if (step.type == "choice") != bool(step.options):
        yield flow.problem(place, "flow.options_misplaced", slot=step.collect)
    if step.type != "field" and step.ask is None:
        yield flow.problem(place, "flow.ask_missing", slot=step.collect)
    for option in step.options:
        code = f"dialogue.{step.collect}_{option}"
        yield from _check_text(flow, (*place, "options"), code, set())
    for option in step.synonyms.keys() - set(step.options):
        yield flow.problem((*place, "synonyms", option), "flow.option_unknown", option=option)
    for word in ("ask", "ask_again", "label"):
        code = getattr(step, word)
        if code is not None:
            yield from _check_text(flow, (*place, word), code, set())


def _check_text(
    flow: FlowFile, place: Place, code: str, parameters: Iterable[str]
) -> Iterator[FlowProblem]:
    """A text of the catalogue in every language that names nothing but what the step shows."""
    missing = [language for language in LANGUAGES if not has_message(code, language)]
    if missing:
        yield flow.problem(place, "flow.text_unknown", code=code, languages=missing)
        return
    for language in LANGUAGES:
        named = {
            name for _, name, _, _ in Formatter().parse(template(code, language) or "") if name
        }
        for name in sorted(named - set(parameters)):
            yield flow.problem(
                place, "flow.text_parameter", code=code, name=name, language=language
            )


def _check_shown(
    flow: FlowFile, place: Place, show: Sequence[str], slots: set[str]
) -> Iterator[FlowProblem]:
    for number, slot in enumerate(show):
        if slot not in slots:
            yield _undefined_slot(flow, (*place, "show", number), slot, slots)


def _check_call(
    flow: FlowFile,
    place: Place,
    step: CallStep,
    slots: set[str],
    all_flows: Mapping[str, FlowDefinition],
) -> Iterator[FlowProblem]:
    for number, slot in enumerate(step.slots):
        if slot not in slots:
            yield _undefined_slot(flow, (*place, "slots", number), slot, slots)
    for word, operation in (("call", step.call), ("undo", step.undo)):
        if operation is not None and operation not in SIGNATURES:
            yield flow.problem(
                (*place, word),
                "flow.operation_unknown",
                call=operation,
                near=_near(operation, SIGNATURES),
            )
    if step.call not in SIGNATURES:
        return
    yield from _check_arguments(flow, place, step)
    code = step.arguments.get("code")
    if step.call == REQUEST and f"{PREFIX}{code}" not in all_flows:
        yield flow.problem((*place, "arguments", "code"), "flow.service_unknown", code=str(code))
    if step.call in WRITING and flow.definition.effect == "none":
        yield flow.problem(place, "flow.effect_missing", call=step.call)


def _check_arguments(flow: FlowFile, place: Place, step: CallStep) -> Iterator[FlowProblem]:
    signature = SIGNATURES[step.call]
    passed = set(step.arguments) | (set() if step.call == REQUEST else set(step.slots))
    for name in sorted(signature.needs - passed):
        yield flow.problem(place, "flow.argument_missing", call=step.call, name=name)
    for name in sorted(passed - signature.arguments):
        yield flow.problem(
            place,
            "flow.argument_unknown",
            call=step.call,
            name=name,
            arguments=sorted(signature.arguments),
        )


def _check_flow_name(
    flow: FlowFile, place: Place, name: str, all_flows: Mapping[str, FlowDefinition]
) -> Iterator[FlowProblem]:
    if name not in all_flows:
        yield flow.problem(place, "flow.flow_unknown", name=name, near=_near(name, all_flows))


def _check_confirmed(flow: FlowFile, name: str, steps: Steps) -> Iterator[FlowProblem]:
    """What is hard to take back is confirmed before it is done."""
    if flow.definition.effect != "hard_to_take_back":
        return
    for number, step in enumerate(steps):
        if isinstance(step, Confirm) and step.when is None:
            return
        if isinstance(step, CallStep) and step.call in WRITING:
            yield flow.problem((name, number), "flow.confirm_missing", call=step.call)
            return


def _cycles(
    flows: Sequence[FlowFile], all_flows: Mapping[str, FlowDefinition]
) -> Iterator[FlowProblem]:
    """Links that lead back to where they began."""
    for flow in flows:
        own = flow.definition
        path = _path_back(own.name, all_flows)
        if path:
            place = next(place for place, target in _links(own) if target == path[1])
            yield flow.problem((*place, "link"), "flow.link_cycle", flows=path)


def _path_back(start: str, all_flows: Mapping[str, FlowDefinition]) -> list[str] | None:
    """The flows from one back to itself; every flow is looked at once."""
    before: dict[str, str] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        flow = all_flows.get(name)
        for _, target in _links(flow) if flow else ():
            if target == start:
                return [*_way(start, name, before), start]
            if target not in before:
                before[target] = name
                waiting.append(target)
    return None


def _way(start: str, end: str, before: Mapping[str, str]) -> list[str]:
    way = [end]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


def _links(flow: FlowDefinition) -> Iterator[tuple[Place, str]]:
    for name, steps in (("steps", flow.steps), ("without_sign_in", flow.without_sign_in)):
        for number, step in enumerate(steps):
            if isinstance(step, Link):
                yield (name, number), step.link


def _undefined_slot(flow: FlowFile, place: Place, slot: str, slots: Iterable[str]) -> FlowProblem:
    return flow.problem(place, "flow.slot_unknown", slot=slot, slots=sorted(slots) or ["-"])


def _near(name: str, names: Iterable[str]) -> str:
    """The name that was probably meant, or all of them that begin alike."""
    names = sorted(names)
    return ", ".join(get_close_matches(name, names, n=3, cutoff=0.5) or names[:10])
