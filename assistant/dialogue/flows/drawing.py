"""A flow as a graph in Mermaid, for whoever reviews it."""

from __future__ import annotations

from collections.abc import Sequence

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
from core.languages import Language

# The frames of Mermaid's nodes by what a step does.
_SHAPES: dict[type, tuple[str, str]] = {
    Collect: ("[/", "/]"),
    Confirm: ("{", "}"),
    CallStep: ("[[", "]]"),
    SayStep: ("(", ")"),
    OfferStep: ("([", "])"),
    Link: (">", "]"),
    End: ("((", "))"),
}


def draw(flow: FlowDefinition, language: Language = "en") -> str:
    """The graph of a flow, ready to be shown by anything that reads Mermaid."""
    lines = [
        "---",
        f"title: {_escaped(f'{flow.name} - {flow.title.of(language)} ({flow.effect})')}",
        "---",
        "flowchart TD",
        f"    start(({_quoted(_start_words(flow))}))",
    ]
    lines += _branch("s", flow.steps, "signed in" if flow.without_sign_in else "")
    if flow.without_sign_in:
        lines += _branch("v", flow.without_sign_in, "visitor")
    return "\n".join(lines) + "\n"


def _start_words(flow: FlowDefinition) -> str:
    words = [*flow.start.intents, *([flow.start.service] if flow.start.service else [])]
    return ", ".join(words) or "offered"


def _branch(prefix: str, steps: Sequence[Step], label: str) -> list[str]:
    """The nodes of a list of steps with the edges between them; a condition is a node of its own."""
    lines: list[str] = []
    before = [("start", label)]
    for number, step in enumerate(steps):
        node = f"{prefix}{number}"
        opens, closes = _SHAPES[type(step)]
        lines.append(f"    {node}{opens}{_quoted(_words(step))}{closes}")
        asked = f"{node}if" if step.when else node
        lines += [f"    {_edge(source, asked, words)}" for source, words in before]
        before = [] if isinstance(step, End | Link) else [(node, "")]
        if step.when:
            lines.append(f"    {asked}{{{{{_quoted(_condition_words(step.when))}}}}}")
            lines.append(f"    {_edge(asked, node, 'yes')}")
            before.append((asked, "no"))
    lines.append(f"    {prefix}end(({_quoted('end')}))")
    return [*lines, *(f"    {_edge(source, f'{prefix}end', words)}" for source, words in before)]


def _edge(source: str, target: str, words: str) -> str:
    return f"{source} -->|{_quoted(words)}| {target}" if words else f"{source} --> {target}"


def _words(step: Step) -> str:
    words = "end"
    match step:
        case Collect():
            words = f"{step.collect}: {step.type}{'' if step.required else ' (optional)'}"
        case Confirm():
            words = f"confirm {', '.join(step.show)}"
        case CallStep():
            words = f"{step.call}({', '.join([*step.slots, *step.arguments])})"
        case SayStep():
            words = f"say {step.say}"
        case OfferStep():
            words = f"offer {', '.join(step.offer)}"
        case Link():
            words = f"go on with {step.link}"
    return words


def _condition_words(when: Condition) -> str:
    words = when.model_dump(exclude_none=True, exclude={"slot", "equals"})
    parts = [f"{key} = {value}" for key, value in words.items()]
    if when.slot is not None:
        parts.append(
            f"{when.slot} = {when.equals}" if when.equals is not None else f"{when.slot} is filled"
        )
    return ", ".join(parts)


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Without what would end a label."""
    return text.replace('"', "'").replace("\n", " ").replace("#", "＃")
