"""Questions of staff: tasks of theirs, and answers that read staff articles as well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from actions.compliance import service as compliance
from actions.compliance.kyc import service as kyc
from actions.compliance.schemas import CheckRequest, ScreeningRequest
from actions.compliance.screening import WatchlistIndex
from actions.customers import queries as customers
from actions.customers.access import audit_read
from actions.products.models import Product
from actions.products.queries import name_of
from actions.recommendations.service import recommend
from actions.tickets.desk.related import TicketIndex
from assistant.dialogue.operations.accounts import VIEWS, read_view
from assistant.dialogue.operations.recommendations import lines_of, need_of
from assistant.dialogue.outputs import Reply
from assistant.dialogue.wording import say
from core.clock import utc_now
from core.errors import NotAllowed
from core.identity import Staff, audience_of
from core.languages import Language, detect_language
from core.localized_text import LocalizedText, term, term_in, translate
from knowledge_base.answers import answer_question
from knowledge_base.schemas import Answer
from knowledge_base.search import KnowledgeSearch
from nlu.client import Entity, Parse, RasaClient, RasaUnavailable
from nlu.values import with_values

MENTIONED = 70  # partial-ratio from which a product counts as named in a text
SHOWN_TICKETS = 3
_HAN_NAME = re.compile(
    r"(?:筛查|核查|检查|查一下|对)?(?:名字|姓名|客户)?([\u3400-\u9fff]{2,4}?)(?=是否|在名单|做|有没有|$)"
)
SHORTEST_TOPIC = 4  # characters
_CHECKLIST = re.compile(
    r"check ?list|walk me through|what (?:else )?is (?:still )?missing|what do (?:we|i) (?:still )?need|清单|还缺|缺什么|"
    r"下一步(?:要)?做什么|逐项",
    re.IGNORECASE,
)
_ONBOARDING = re.compile(
    r"\bonboard\w*|\bopen(?:ing)? (?:an? )?(?:account|relationship)|\bkyc\b|准入|开户|尽职调查",
    re.IGNORECASE,
)
# What asks for a draft; the rest of the text is what it is about.
_DRAFT = re.compile(
    r"\b(?:please|can you|could you|draft|write|compose|prepare|suggest|me|an?|the|reply|answer|response|email|message|letter|to|for|"
    r"this|customer|client|about|on|regarding|that explains|explaining)\b|请|帮我|起草|写|拟|一封|一个|一条|一份|回复|答复|邮件|短信|"
    r"给客户|客户|关于|的",
    re.IGNORECASE,
)
# What asks for similar tickets; the rest of the text is what they are to be about.
_SIMILAR = re.compile(
    r"\b(?:please|can you|find|show|search|list|look up|are there|any|have we had|me|other|past|previous|earlier|similar|related|like this|"
    r"tickets?|cases?|requests?|to|about|with|for|the|same)\b|请|帮我|查找|找一下|搜索|有没有|列出|类似的?|相似的?|相关的?|以前的?|历史|工单|案例|请求|关于|的",
    re.IGNORECASE,
)
_LATIN_NAME = re.compile(r"(?:[A-Z][\w'’-]+\s){1,3}[A-Z][\w'’-]+")


@dataclass(frozen=True)
class Copilot:
    """What the copilot works with."""

    search: KnowledgeSearch
    watchlist: WatchlistIndex
    tickets: TicketIndex
    rasa: RasaClient
    threshold: float

    async def ask(
        self, session: AsyncSession, caller: Staff, text: str, customer_id: UUID | None
    ) -> Reply:
        """A question of staff: a screening, a sale check, a customer's summary, similar tickets, or from articles."""
        language = detect_language(text)
        if customer_id is not None and _CHECKLIST.search(text):
            return await self._walk(session, caller, customer_id, language)
        parse = await self.parse(text)
        done = await self._task(session, caller, text, customer_id, parse, language)
        return done or await self._from_articles(session, caller, text, language)

    async def _task(  # noqa: PLR0911  (a task a line)
        self,
        session: AsyncSession,
        caller: Staff,
        text: str,
        customer_id: UUID | None,
        parse: Parse | None,
        language: Language,
    ) -> Reply | None:
        """What staff want done, None when the text is a question."""
        match parse.intent if parse else None:
            case "screen_name":
                return await self._screen(session, caller, text, parse, language)
            case "check_sale":
                return await self._check(session, caller, text, customer_id, language)
            case "summarise_customer":
                return await self._summarise(session, caller, customer_id, language)
            case "request_recommendation" if customer_id is not None:
                return await self._advise(session, caller, customer_id, text, parse, language)
            case str(intent) if intent in VIEWS and customer_id is not None:
                return await self._show(session, caller, customer_id, intent, language)
            case "draft_reply":
                return await self._draft(session, caller, text, customer_id, language)
            case "find_similar_tickets":
                return await self._similar(session, caller, text, language)
        return None

    async def _from_articles(
        self, session: AsyncSession, caller: Staff, text: str, language: Language
    ) -> Reply:
        answer = await self.answer(session, caller, text, language)
        if not answer.answerable:
            options = [{"title": a.title, "payload": a.title} for a in answer.alternatives]
            return Reply(say("dialogue.copilot_unknown", language), quick_replies=options)
        return Reply(answer.text, citations=[c.model_dump(mode="json") for c in answer.citations])

    async def parse(self, text: str) -> Parse | None:
        """What Rasa understands; None while it is away."""
        try:
            vector = await self.search.encoder.encode(text)
            return (await self.rasa.parse([text], vector[np.newaxis]))[0]
        except RasaUnavailable:
            return None

    async def answer(
        self, session: AsyncSession, caller: Staff, text: str, language: Language
    ) -> Answer:
        """The answer from the articles that the caller may read."""
        return await answer_question(
            session, self.search, text, language, audience_of(caller), utc_now(), self.threshold
        )

    async def _walk(
        self, session: AsyncSession, caller: Staff, customer_id: UUID, language: Language
    ) -> Reply:
        """The customer's identity check as a list, with the next thing to do; asked again when it is done."""
        customer = await customers.load_customer(session, caller, customer_id)
        standing = await kyc.standing_of(session, caller, self.watchlist, customer, utc_now())
        await audit_read(session, caller, customer, "kyc")
        marks = {"done": "✓", "missing": "○", "expired": "!"}
        lines = [f"{marks[item.state]} {item.ask[language]}" for item in standing.items]
        missing = standing.missing
        lines.append(
            say("dialogue.kyc_next", language, ask=missing[0].ask[language])
            if missing
            else say("dialogue.kyc_complete", language)
        )
        again = {
            "title": say("dialogue.kyc_again", language),
            "payload": say("dialogue.kyc_again", language),
        }
        done = {"type": "profile.shown", "part": "kyc", "missing": [item.key for item in missing]}
        return Reply("\n".join(lines), quick_replies=[again] if missing else [], actions=[done])

    async def _screen(
        self,
        session: AsyncSession,
        caller: Staff,
        text: str,
        parse: Parse | None,
        language: Language,
    ) -> Reply:
        name, kind = name_in(text, parse.entities if parse else ())
        if name is None:
            return Reply(translate(LocalizedText("copilot.screening_needs_name"), language))
        request = ScreeningRequest.model_validate({"name": name, "type": kind})
        result = await compliance.screen(session, caller, self.watchlist, request)
        title = LocalizedText(
            "copilot.screened",
            name=name,
            decision=term("screening_decision", result.decision),
            count=len(result.matches),
        )
        lines = [
            LocalizedText(
                "copilot.screened_match",
                name=m.matched_name,
                list=m.list,
                score=f"{m.score:.2f}",
                reasons=m.reasons,
            )
            for m in result.matches[:5]
        ]
        return Reply(
            _lines([title, *lines], language),
            actions=[{"type": "screening.done", "decision": result.decision}],
        )

    async def _check(
        self,
        session: AsyncSession,
        caller: Staff,
        text: str,
        customer_id: UUID | None,
        language: Language,
    ) -> Reply:
        onboarding = bool(_ONBOARDING.search(text))
        product = None if onboarding else await product_in(session, text)
        if customer_id is None or (product is None and not onboarding):
            return Reply(say("dialogue.copilot_check_needs", language))
        request = CheckRequest(
            customer_id=customer_id,
            purpose="onboarding" if onboarding else "product_sale",
            product_id=product.id if product else None,
        )
        result = await compliance.check(session, caller, self.watchlist, request, utc_now())
        onboarding_name = say("dialogue.copilot_onboarding", language)
        name = name_of(product, language) if product else onboarding_name
        title = LocalizedText(
            "copilot.checked", name=name, decision=term("decision", result.decision)
        )
        lines = [
            LocalizedText(
                "copilot.checked_rule",
                rule=rule.id,
                version=str(rule.version),
                decision=term("decision", rule.outcome),
                reason=rule.reason,
            )
            for rule in result.rules
        ]
        done = {"type": "check.done", "id": str(result.decision_id), "decision": result.decision}
        return Reply(_lines([title, *lines], language), actions=[done])

    async def _advise(
        self,
        session: AsyncSession,
        caller: Staff,
        customer_id: UUID,
        text: str,
        parse: Parse | None,
        language: Language,
    ) -> Reply:
        """Products that suit the customer, with what must be read out; the need is what the question says."""
        customer = await customers.load_customer(session, caller, customer_id)
        named = _values_in(parse, text)
        need = need_of(named.get("goal"), named.get("amount"), named.get("horizon"))
        advice = await recommend(session, caller, customer, need, language, utc_now())
        lines = lines_of(advice, customer, need, language)
        return Reply(
            "\n".join(lines),
            actions=[{"type": "recommendation.shown", "id": str(advice.decision_id)}],
        )

    async def _show(
        self,
        session: AsyncSession,
        caller: Staff,
        customer_id: UUID,
        intent: str,
        language: Language,
    ) -> Reply:
        """The customer's accounts, bookings, cards, loans or holdings, as the customer would be shown them."""
        customer = await customers.load_customer(session, caller, customer_id)
        view = await read_view(session, customer, intent, language)
        await audit_read(session, caller, customer, view.part)
        empty = say("dialogue.nothing", language)
        text = "\n".join([f"{customer.name}:", *view.lines]) if view.lines else empty
        return Reply(text, actions=[{"type": "profile.shown", "part": view.part}])

    async def _draft(
        self,
        session: AsyncSession,
        caller: Staff,
        text: str,
        customer_id: UUID | None,
        language: Language,
    ) -> Reply:
        """A reply to the customer in the customer's language, from public articles; what it is about comes from the text."""
        about = _DRAFT.sub(" ", text).strip(" .,:：，。")
        if len(about) < SHORTEST_TOPIC:
            return Reply(say("dialogue.copilot_draft_needs", language))
        customer = (
            await customers.load_customer(session, caller, customer_id) if customer_id else None
        )
        if customer:
            await audit_read(session, caller, customer, "copilot")
        written: Language = customer.language if customer else language
        answer = await answer_question(
            session, self.search, about, written, ("public",), utc_now(), self.threshold
        )
        if not answer.answerable:
            return Reply(say("dialogue.copilot_draft_unknown", language, about=about))
        name = (
            (customer.native_name or customer.name)
            if customer and written == "zh"
            else customer.name
            if customer
            else ""
        )
        greeting = say(
            "dialogue.copilot_letter",
            written,
            name=f" {name}" if name and written == "en" else name,
            text=answer.text,
        )
        return Reply(greeting, citations=[c.model_dump(mode="json") for c in answer.citations])

    async def _summarise(
        self, session: AsyncSession, caller: Staff, customer_id: UUID | None, language: Language
    ) -> Reply:
        if customer_id is None:
            return Reply(say("dialogue.copilot_customer_needs", language))
        customer = await customers.load_customer(session, caller, customer_id)
        await audit_read(session, caller, customer, "copilot")
        accounts = await customers.accounts_of(session, customer)
        facts = (customer.segment, customer.risk_level, customer.kyc_state, len(accounts))
        text = (
            "{}: segment {}, risk level {}, KYC {}, {} accounts."
            if language == "en"
            else "{}：层级 {}，风险等级 {}，KYC 状态 {}，{} 个账户。"
        )
        return Reply(
            text.format(customer.name, *facts),
            actions=[{"type": "profile.shown", "part": "summary"}],
        )

    async def _similar(
        self, session: AsyncSession, caller: Staff, text: str, language: Language
    ) -> Reply:
        if "tickets:read" not in caller.permissions:
            raise NotAllowed("auth.permission_missing", permission="tickets:read")
        about = _SIMILAR.sub(" ", text).strip(" .,:?：，。？") or text
        vector = await self.search.encoder.encode(about)
        chosen = [
            ticket
            for ticket, _ in await self.tickets.related(session, caller, vector, SHOWN_TICKETS)
        ]
        lines = [
            f"• {t.reference} {t.subject} ({term_in('ticket_state', t.state, language)})"
            for t in chosen
        ]
        none = "No similar tickets." if language == "en" else "没有类似工单。"
        return Reply(
            "\n".join(lines) or none,
            actions=[{"type": "ticket.shown", "id": str(t.id)} for t in chosen],
        )


def _values_in(parse: Parse | None, text: str) -> dict[str, Any]:
    """The first value of each kind of entity that a text names, as of now."""
    raw = [entity.model_dump() for entity in parse.entities] if parse else []
    named = with_values(raw, text, utc_now())
    return {entity["entity"]: entity["value"] for entity in reversed(named)}


def name_in(text: str, entities: Sequence[Entity]) -> tuple[str | None, str]:
    """The name to screen and whether it is a person's."""
    for entity in entities:
        if entity.entity in ("name", "organisation"):
            kind = "organisation" if entity.entity == "organisation" else "person"
            return entity.value, kind
    if latin := _LATIN_NAME.search(text):
        return latin.group(), "person"
    han = _HAN_NAME.search(text)
    return (han.group(1), "person") if han else (None, "person")


async def product_in(session: AsyncSession, text: str) -> Product | None:
    """The product that a text names, in either language."""
    products = (await session.scalars(select(Product).where(Product.active))).all()
    names = {(p.id, n): n for p in products for n in (p.name, p.name_zh, p.code)}
    best = process.extractOne(text, names, scorer=fuzz.partial_ratio, score_cutoff=MENTIONED)
    return next((p for p in products if best and p.id == best[2][0]), None)


def _lines(texts: Sequence[LocalizedText], language: Language) -> str:
    return "\n".join(translate(text, language) for text in texts)
