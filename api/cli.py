"""The command line: `assistant serve` and its relatives. A missing part is one sentence and exit code 2."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from pydantic import ValidationError
from rich.console import Console

from actions.compliance.screening import WatchlistIndex
from actions.tickets.catalogue.finder import ship_service_phrases
from actions.tickets.routing.classifier import SHIPPED
from api import development, serving
from api.flow_commands import flows
from api.talk import talk as talk_in_terminal
from assistant.demonstration.articles import topics
from assistant.dialogue.nearest import ship_phrasings
from assistant.doctor import examine
from assistant.rasa_model import prepare_model
from assistant.routing import train_product
from assistant.start import check_before_start, prepare
from assistant.worker import Worker
from core import accounts, audit, chinese_rows
from core.clock import Clock, set_clock
from core.database import Database, require_database
from core.embedded import database_address
from core.errors import DomainError, SetupError
from core.identity import System
from core.jobs import outcomes
from core.languages import Language
from core.localized_text import LocalizedText
from core.logs import configure_logs
from core.schema import migrate as migrate_schema
from core.schema import migrate_down
from core.settings import Settings
from knowledge_base.chinese_distillation import STEPS, learn
from knowledge_base.encoder import Encoder, bundled_model
from knowledge_base.imports.console import import_at_console
from knowledge_base.imports.service import Progress
from knowledge_base.replica import Replica
from knowledge_base.tasks import EncodersInUse
from nlu import training
from nlu.supervisor import RasaProcesses

SETUP_FAILED = 2
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
users = typer.Typer(no_args_is_help=True, help="Staff accounts.")
knowledge = typer.Typer(no_args_is_help=True, help="The knowledge base.")
encoders = typer.Typer(no_args_is_help=True, help="The sentence encoder.")
routing = typer.Typer(no_args_is_help=True, help="Where tickets go.")
trail = typer.Typer(no_args_is_help=True, help="The audit trail.")
app.add_typer(users, name="users")
app.add_typer(trail, name="audit")
app.add_typer(encoders, name="encoder")
app.add_typer(knowledge, name="kb")
app.add_typer(routing, name="routing")
app.add_typer(flows, name="flows")
console = Console()
Result = TypeVar("Result")


def main() -> None:
    """Run a command; a setup error is one clear sentence."""
    try:
        app()
    except (SetupError, DomainError) as error:
        Console(stderr=True).print(str(error), style="bold red", markup=False)
        sys.exit(SETUP_FAILED)


def read_settings() -> Settings:
    """The configuration, and its clock for this process; SetupError that names what is wrong in it."""
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in error.errors()
        )
        raise SetupError(f"The configuration is not valid: {wrong}.".replace("\n", " ")) from error
    set_clock(Clock.parse(settings.clock))
    return settings


@app.command()
def serve(
    demonstration: Annotated[
        bool,
        typer.Option(
            "--demonstration",
            help="Load the demonstration bank into an empty database, unless DEMONSTRATION says otherwise.",
        ),
    ] = False,
) -> None:
    """Start everything: the database, Rasa, the API with its worker."""
    settings = read_settings()
    if demonstration and "demonstration" not in settings.model_fields_set:
        settings.demonstration = True
    serving.serve(settings)


@app.command()
def api() -> None:
    """Start the API alone; Rasa is at RASA_URL."""
    serving.serve(read_settings(), with_rasa=False)


@app.command()
def dev() -> None:
    """Serve, and start the API again when its sources change; the pages are built again when theirs do."""
    development.develop(read_settings())


@app.command()
def talk(
    customer: Annotated[
        str | None, typer.Option(help="Number of the customer who signs in; else a visitor.")
    ] = None,
    language: Annotated[
        Language | None, typer.Option(help="Of the first words; else the customer's, or English.")
    ] = None,
) -> None:
    """Talk with the assistant in the terminal, and see how each message was understood."""
    talk_in_terminal(read_settings(), customer, language)


@app.command()
def worker() -> None:
    """Run background jobs in a process of their own (with WORKER_IN_API=false in the API)."""
    settings = read_settings()
    configure_logs(settings.log_level)

    async def work(database: Database) -> None:
        encoder = Encoder(settings.encoder_model, settings.encoder_threads)
        runner = Worker(database, settings, EncodersInUse(lambda: [encoder]), WatchlistIndex())
        runner.start()
        await runner.wait()

    _with_database(settings, work)


@app.command()
def rasa() -> None:
    """Run Rasa alone, restarting it when it ends."""
    settings = read_settings()
    configure_logs(settings.log_level)

    async def run() -> None:
        supervisor = RasaProcesses(settings, _model_of(settings))
        supervisor.start()
        console.print(f"RASA_URL='{' '.join(supervisor.urls)}'")
        try:
            await asyncio.Event().wait()
        finally:
            await supervisor.stop()

    asyncio.run(run())


def _model_of(settings: Settings, *, again: bool = False) -> Callable[[], Path]:
    """What trains Rasa's model where it must be, with an encoder that is loaded only then."""
    encoder = Encoder(settings.encoder_model, settings.encoder_threads)

    def obtain() -> Path:
        with encoder.every_core():
            return prepare_model(settings, encoder, again=again)

    return obtain


@app.command()
def train(
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to the model that was in use before.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also a model that was refused or rolled back.")
    ] = False,
    ship: Annotated[
        bool, typer.Option("--ship", help="Put it among the sources, for first starts to use.")
    ] = False,
) -> None:
    """Train Rasa if its inputs changed; a model that fails its checks is not used."""
    settings = read_settings()
    if rollback:
        console.print(f"In use from the next start of Rasa on: {training.roll_back(settings).name}")
        return
    if training.is_current(settings):
        console.print("Nothing to train: the model is up to date.")
    else:
        with console.status("training Rasa and trying what it understands"):
            model = _model_of(settings, again=again)()
        console.print(f"In use from the next start of Rasa on: {model.name}")
    if ship:
        vectors = asyncio.run(_ship_vectors(Encoder(settings.encoder_model)))
        shipped = training.ship(settings)
        names = ", ".join(path.name for path in (shipped, *vectors))
        console.print(f"Shipped with the sources: {names}")


async def _ship_vectors(encoder: Encoder) -> tuple[Path, Path]:
    return await ship_phrasings(encoder), await ship_service_phrases(encoder)


@app.command()
def reindex() -> None:
    """Give every published article vectors of the configured encoder."""
    settings = read_settings()

    async def embed(database: Database) -> None:
        encoder = Encoder(settings.encoder_model, settings.encoder_threads)
        with encoder.every_core():
            count = await Replica(encoder, database).embed()
        console.print(f"{count} passages embedded; {encoder.name} is searched from now on.")

    _with_database(settings, embed)


@app.command()
def migrate(
    down: Annotated[
        str | None, typer.Option(help="Go back to this revision (`base` drops all).")
    ] = None,
) -> None:
    """Bring the database to the current schema."""
    settings = read_settings()
    with database_address(settings) as url:
        asyncio.run(require_database(url))
        if down:
            migrate_down(url, down)
        else:
            migrate_schema(url)


@app.command()
def demo() -> None:
    """Load the demonstration bank into an empty database, without serving."""
    settings = read_settings()
    settings.demonstration = True
    check_before_start(settings)
    with database_address(settings) as url:
        encoder = Encoder(settings.encoder_model, settings.encoder_threads)
        asyncio.run(prepare(settings, url, encoder, console.print))


@app.command()
def doctor() -> None:
    """Say what is missing and what to do."""
    findings = examine(read_settings())
    for finding in findings:
        console.print(
            f"{'ok     ' if finding.problem is None else 'missing'}  {finding.what}  {finding.problem or ''}"
        )
    if any(finding.problem for finding in findings):
        raise typer.Exit(SETUP_FAILED)


@knowledge.command("import")
def import_knowledge(
    source: Annotated[
        str, typer.Argument(help="A file, a folder, an archive, or an https address.")
    ],
    language: Annotated[
        str | None, typer.Option(help="`en` or `zh`; else told from each text.")
    ] = None,
    audience: Annotated[str, typer.Option(help="`public` or `staff`.")] = "public",
    category: Annotated[str, typer.Option(help="For articles that name none.")] = "general",
    publish: Annotated[bool, typer.Option(help="Publish at once, without review.")] = False,
    replace: Annotated[bool, typer.Option(help="Also what was edited here since.")] = False,
) -> None:
    """Import articles: Markdown, HTML, PDF, DOCX, XLSX or CSV of questions and answers, text, or a zip of them."""
    settings = read_settings()
    options = {
        "language": language,
        "audience": audience,
        "category": category,
        "publish": publish,
        "replace": replace,
    }

    async def run(database: Database) -> None:
        job = await import_at_console(database, settings, source, options, _import_progress())
        counted = await _outcomes(database, job.id)
        console.print(
            ", ".join(f"{count} {outcome}" for outcome, count in counted.items())
            or "nothing to import"
        )
        if job.error:
            raise SetupError(job.error.en)
        if counted.get("refused"):
            raise typer.Exit(1)

    _with_database(settings, run)


def _import_progress() -> Progress:
    def tell(_: object, name: str, outcome: str, reason: LocalizedText | None) -> None:
        console.print(
            f"{outcome:9} {name}" + (f": {reason}" if reason else ""), markup=False, highlight=False
        )

    return tell


async def _outcomes(database: Database, job_id: UUID) -> dict[str, int]:
    async with database.transaction() as session:
        return (await outcomes(session, [job_id]))[job_id]


@routing.command("train")
def train_routing() -> None:
    """Train the product's reader and classifier of tickets from its examples; twenty minutes."""
    configure_logs(read_settings().log_level)
    model = train_product()
    console.print(f"{SHIPPED.name} is trained; fingerprint {model.fingerprint}.")


@app.command("train-reader")
def train_reader() -> None:
    """Train the reader of clauses from its examples; minutes on a graphics processor, hours without one."""
    # Imports torch, seconds that other commands need not pay.
    from assistant.dialogue.reader.training import train_product as train_clauses  # noqa: PLC0415

    configure_logs(read_settings().log_level)
    console.print(f"The reader is trained; fingerprint {train_clauses().fingerprint}.")


@encoders.command("train")
def train_encoder(
    steps: Annotated[
        int, typer.Option(help="Steps of learning; the default takes some twenty minutes.")
    ] = STEPS,
) -> None:
    """Learn the bundled encoder's Chinese rows anew from the dictionary and the demonstration's articles."""
    configure_logs(read_settings().log_level)
    words, rows = learn(bundled_model(), topics(), steps)
    chinese_rows.write_rows(words, rows)
    console.print(
        f"{len(words):,} rows are in {chinese_rows.ROWS}; `assistant train` and a start use them."
    )


@users.command("add")
def add_user(
    email: str,
    role: str,
    name: Annotated[str, typer.Option(prompt=True)],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Add an employee."""

    async def add(database: Database) -> None:
        async with database.transaction() as session:
            await accounts.add_staff(
                session,
                System("cli"),
                email=email,
                name=name,
                role=role,
                password=password,
                languages=["en"],
            )
        console.print(f"{email} can sign in as {role}.")

    _with_database(read_settings(), add)


@trail.command("verify")
def verify_trail() -> None:
    """Check the whole audit chain; exit code 1 where it is broken."""

    async def check(database: Database) -> tuple[int, int | None]:
        async with database.transaction() as session:
            return await audit.verify(session)

    count, broken = _with_database(read_settings(), check)
    if broken is not None:
        console.print(f"The chain is broken at entry {broken}, after {count} good ones.")
        raise typer.Exit(1)
    console.print(f"The chain of {count} entries is whole.")


def _with_database(settings: Settings, work: Callable[[Database], Awaitable[Result]]) -> Result:
    async def run(url: str) -> Result:
        await require_database(url)
        database = Database(url, pool_size=4)
        try:
            return await work(database)
        finally:
            await database.close()

    with database_address(settings) as url:
        return asyncio.run(run(url))


if __name__ == "__main__":
    main()
