"""Flows as they are written: one YAML file a flow, read with the line of every part, so that what is wrong can be found.

Aliases are refused (a file of a few lines could unfold to gigabytes), and so are keys that stand twice, of which YAML would
silently take the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from assistant.dialogue.flows.definition import STEP_KINDS, FlowDefinition
from assistant.dialogue.flows.problems import FlowProblem, FlowsInvalid
from core.localized_text import LocalizedText, Param
from core.validation import message_of

DEFINITIONS = Path(__file__).parent / "definitions"
MAX_FILE = 65_536  # bytes of a flow's file
STEP_LISTS = ("steps", "without_sign_in")

Place = tuple[int | str, ...]
Lines = Mapping[Place, int]


@dataclass(frozen=True)
class FlowFile:
    """A flow with the file it came from and the line of each of its parts."""

    definition: FlowDefinition
    file: str
    lines: Lines = field(default_factory=dict)

    def problem(self, place: Place, code: str, /, **params: Param | Iterable[Param]) -> FlowProblem:
        """Something wrong at a place of the flow."""
        return _problem(self.file, self.lines, place, LocalizedText(code, **params))


def read_files(paths: Sequence[Path]) -> tuple[list[FlowFile], list[FlowProblem]]:
    """The flows of files, and what is wrong with those that are none."""
    flows: list[FlowFile] = []
    problems: list[FlowProblem] = []
    for path in paths:
        try:
            flows.append(read_file(path))
        except FlowsInvalid as error:
            problems += error.problems
    return flows, problems


def default_files() -> list[Path]:
    """The flows that the product comes with."""
    return sorted(DEFINITIONS.glob("*.yml"))


def read_file(path: Path) -> FlowFile:
    """The flow of a file; FlowsInvalid, with line and remedy, when it is none."""
    name = path.name
    try:
        raw = path.read_bytes()[: MAX_FILE + 1]
        text = raw.decode("utf-8")
    except OSError as error:
        raise _refusal(name, "flow.file_missing", error=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _refusal(name, "flow.not_text") from error
    flow = read_text(text, name)
    if flow.definition.name != path.stem:
        problem = flow.problem(("name",), "flow.file_name", name=flow.definition.name)
        raise FlowsInvalid([problem])
    return flow


def read_text(text: str, file: str) -> FlowFile:
    """The flow that a text in YAML is; FlowsInvalid when it is none."""
    if len(text.encode()) > MAX_FILE:
        raise _refusal(file, "flow.too_long", maximum=MAX_FILE)
    data, lines = _compose(text, file)
    if not isinstance(data, dict):
        raise _refusal(file, "flow.not_mapping")
    return FlowFile(validated(data, file, lines), file, lines)


def validated(data: Mapping[str, Any], file: str, lines: Lines | None = None) -> FlowDefinition:
    """The definition that these values are; FlowsInvalid names each place that is none."""
    try:
        return FlowDefinition.model_validate(data)
    except ValidationError as error:
        problems = [
            _problem(file, lines or {}, _place(one["loc"]), _reason(one)) for one in error.errors()
        ]
        raise FlowsInvalid(problems) from error


# --- YAML with lines ----------------------------------------------------------------------------------------------------


def _compose(text: str, file: str) -> tuple[Any, Lines]:
    """The values of a text, and the line of each; FlowsInvalid when it is no YAML."""
    loader = yaml.SafeLoader(text)
    try:
        _refuse_aliases(text, file)
        node = loader.get_single_node()
        lines: dict[Place, int] = {}
        if node is not None:
            _note_lines(node, (), lines, file)
        return (None if node is None else loader.construct_document(node)), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reason = LocalizedText("flow.unreadable", error=error.problem or "")
        raise FlowsInvalid([FlowProblem(file, line, "", reason)]) from error
    except (yaml.YAMLError, ValueError) as error:
        raise _refusal(file, "flow.unreadable", error=str(error).splitlines()[0]) from error
    except RecursionError as error:
        raise _refusal(file, "flow.too_deep") from error
    finally:
        loader.dispose()


def _refuse_aliases(text: str, file: str) -> None:
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise FlowsInvalid([FlowProblem(file, line, "", LocalizedText("flow.alias"))])


def _note_lines(node: yaml.Node, place: Place, lines: dict[Place, int], file: str) -> None:
    """Write down where each part stands; FlowsInvalid when a key stands twice."""
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            _note_lines(item, (*place, number), lines, file)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*place, str(key.value))
            if here in lines:
                reason = LocalizedText("flow.key_twice", key=str(key.value))
                raise FlowsInvalid([FlowProblem(file, key.start_mark.line + 1, "", reason)])
            _note_lines(value, here, lines, file)
            lines[here] = key.start_mark.line + 1


# --- what pydantic finds ------------------------------------------------------------------------------------------------


def _place(loc: Sequence[int | str]) -> Place:
    """Where an error stands in the file: without the kind of the step, by which pydantic chose the model."""
    if len(loc) > 2 and loc[0] in STEP_LISTS and loc[2] in STEP_KINDS:  # noqa: PLR2004  (list, number, kind)
        return (*loc[:2], *loc[3:])
    return tuple(loc)


def _reason(error: Mapping[str, Any]) -> LocalizedText:
    match error["type"]:
        case "extra_forbidden":
            return _misplaced_word(error)
        case "union_tag_not_found" | "union_tag_invalid":
            return LocalizedText("flow.step_unknown", kinds=STEP_KINDS)
        case "missing":
            return LocalizedText("flow.missing", name=str(error["loc"][-1]))
        case "too_long" if error["loc"][0] in STEP_LISTS and len(error["loc"]) == 1:
            return LocalizedText("flow.too_many_steps", maximum=error["ctx"]["max_length"])
        case "string_pattern_mismatch":
            return LocalizedText("flow.name_malformed", name=str(error["input"])[:60])
    return message_of(error)


def _misplaced_word(error: Mapping[str, Any]) -> LocalizedText:
    word = str(error["loc"][-1])
    near = get_close_matches(word, _WORDS, n=1)
    if near:
        return LocalizedText("flow.word_misspelt", word=word, near=near[0])
    return LocalizedText("flow.word_unknown", word=word)


def _words_of(schema: Mapping[str, Any]) -> set[str]:
    words = set(schema.get("properties", ()))
    for part in schema.get("$defs", {}).values():
        words |= set(part.get("properties", ()))
    return words


_WORDS = sorted(_words_of(FlowDefinition.model_json_schema()))


def _problem(file: str, lines: Lines, place: Place, text: LocalizedText) -> FlowProblem:
    """A problem at the line of a place, or of the nearest part around it that has one."""
    known = next((place[:n] for n in range(len(place), -1, -1) if place[:n] in lines), None)
    line = lines[known] if known is not None else 1
    return FlowProblem(file, line, ".".join(str(part) for part in place), text)


def _refusal(file: str, code: str, /, **params: Param) -> FlowsInvalid:
    return FlowsInvalid([FlowProblem(file, 1, "", LocalizedText(code, **params))])
