"""`assistant flows`: check files of flows, draw a flow, write the schema. Works on files alone, without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from actions.tickets.ticket_config.service import default_services
from assistant.dialogue.flows.catalogue_flows import flows_of_services
from assistant.dialogue.flows.definition import FlowDefinition
from assistant.dialogue.flows.drawing import draw
from assistant.dialogue.flows.loading import FlowFile, default_files, read_files
from assistant.dialogue.flows.problems import FlowProblem
from assistant.dialogue.flows.schema import flow_schema
from assistant.dialogue.flows.validation import check
from core.errors import SetupError
from core.languages import Language

flows = typer.Typer(no_args_is_help=True, help="The flows that conversations follow.")
console = Console()


@flows.command("check")
def check_flows(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="Flows in YAML that are new or take the place of the product's own."),
    ] = None,
) -> None:
    """Check flows against each other, the operations, the service catalogue and the texts; exit code 1 where something is wrong."""
    checked, problems = _read(files or [])
    problems += check(checked, default_services())
    for problem in problems:
        _print(problem.worded())
    if problems:
        raise typer.Exit(1)
    _print(f"{len(checked)} flows are right.")


@flows.command("draw")
def draw_flows(
    name: Annotated[str | None, typer.Argument(help="A flow; without one, all of them.")] = None,
    language: Annotated[str, typer.Option(help="`en` or `zh`, for titles.")] = "en",
) -> None:
    """Print flows as graphs in Mermaid."""
    by_name = _definitions()
    if name is not None and name not in by_name:
        raise SetupError(f"There is no flow {name}; there are {', '.join(sorted(by_name))}.")
    chosen: Language = "zh" if language == "zh" else "en"
    for flow in [by_name[name]] if name is not None else by_name.values():
        _print(draw(flow, chosen))


@flows.command("schema")
def print_schema() -> None:
    """Print the JSON Schema of a flow's file, for editors."""
    _print(json.dumps(json.loads(flow_schema()), indent=2, ensure_ascii=False))


def _read(files: list[Path]) -> tuple[list[FlowFile], list[FlowProblem]]:
    """The flows of these files, and the product's own where none of them takes its place."""
    own, problems = read_files(files)
    replaced = {path.name for path in files}
    others, more = read_files([path for path in default_files() if path.name not in replaced])
    return [*own, *others], [*problems, *more]


def _definitions() -> dict[str, FlowDefinition]:
    files, _ = read_files(default_files())
    return flows_of_services(default_services()) | {f.definition.name: f.definition for f in files}


def _print(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
