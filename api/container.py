"""Everything a request may need, made once per process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from cachetools import TTLCache

from actions.compliance.screening import WatchlistIndex
from actions.tickets.catalogue.finder import ServiceFinder
from actions.tickets.desk.related import TicketIndex
from api.limits import RateLimits
from api.realtime import Hub
from assistant.conversations.service import ConversationHandoffs
from assistant.copilot.questions import Copilot
from assistant.dialogue.nearest import NearestPhrasings
from assistant.dialogue.operations.context import Services
from assistant.dialogue.reader.model import reader
from assistant.dialogue.understanding import Understander
from assistant.turns.handler import TurnHandler
from assistant.worker import Worker
from core.database import Database
from core.identity import Application, Participant
from core.settings import Settings
from knowledge_base.encoder import Encoder
from knowledge_base.engines import PgVector
from knowledge_base.phrasing import Phraser
from knowledge_base.replica import Replica
from knowledge_base.reranking import Reranker
from knowledge_base.search import KnowledgeSearch
from knowledge_base.tasks import EncodersInUse
from nlu.client import RasaClient
from nlu.supervisor import RasaProcesses

SIGN_INS = 2  # passwords that are checked at a time
REMEMBERED_KEYS, KEY_S = (
    1_000,
    2.0,
)  # applications whose key is believed for so many seconds without asking again
REMEMBERED_PARTICIPANTS = (
    20_000  # conversations whose token is known without asking the database, 0.3 kB each
)
PARTICIPANT_S = (
    60.0  # for so long; another process learns within this time that a customer signed out
)


@dataclass
class Container:
    """The process's parts."""

    settings: Settings
    database: Database
    search: KnowledgeSearch
    services: Services
    watchlist: WatchlistIndex
    rasa: RasaClient
    turns: TurnHandler
    understander: Understander
    copilot: Copilot
    hub: Hub
    limits: RateLimits
    tickets: TicketIndex
    worker: Worker
    participants: TTLCache[str, Participant]
    applications: TTLCache[str, Application]
    supervisor: RasaProcesses | None = None
    warmed: asyncio.Event = field(default_factory=asyncio.Event)  # what reads and finds is loaded
    sign_ins: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SIGN_INS))


def make_container(
    settings: Settings,
    database: Database,
    encoder: Encoder,
    rasa: RasaClient,
    supervisor: RasaProcesses | None,
) -> Container:
    """Wire the parts."""
    in_memory = settings.vector_engine == "faiss"
    replica = Replica(encoder, database, settings.var_dir / "index", holds_vectors=in_memory)
    reranker = Reranker(settings.reranker_model) if settings.reranker_model else None
    search = KnowledgeSearch(
        replica, None if in_memory else PgVector(replica.run), reranker, _phraser(settings)
    )
    watchlist, tickets = WatchlistIndex(), TicketIndex(encoder.name, encoder.dimensions)
    services = Services(search, ConversationHandoffs(), settings.answer_threshold, watchlist)
    nearest = NearestPhrasings()
    nearest.load_shipped(encoder.name)
    understander = Understander(encoder, rasa, reader(), ServiceFinder(encoder), nearest)
    return Container(
        settings=settings,
        database=database,
        search=search,
        services=services,
        watchlist=watchlist,
        rasa=rasa,
        turns=TurnHandler(database, services, understander),
        understander=understander,
        copilot=Copilot(search, watchlist, tickets, rasa, settings.answer_threshold),
        hub=Hub(database),
        limits=RateLimits(settings.rate_limit_storage),
        tickets=tickets,
        worker=Worker(database, settings, EncodersInUse(lambda: replica.encoders), watchlist),
        participants=TTLCache(REMEMBERED_PARTICIPANTS, PARTICIPANT_S),
        applications=TTLCache(REMEMBERED_KEYS, KEY_S),
        supervisor=supervisor,
    )


def _phraser(settings: Settings) -> Phraser | None:
    if settings.llm_url is None:
        return None
    key = settings.llm_key.get_secret_value() if settings.llm_key else None
    return Phraser(settings.llm_url, settings.llm_model, key, settings.llm_timeout_s)
