"""Gaps: questions that nothing answered, grouped by meaning, and the step from a group to a draft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit import record
from core.errors import NotFound
from core.identity import Caller
from core.languages import Language
from knowledge_base import queries
from knowledge_base.encoder import Encoder
from knowledge_base.models import Article, Gap
from knowledge_base.schemas import ArticleContent, GapDraft, GapGroup
from knowledge_base.service import create_article

GROUPED = 2_000  # newest gaps that are grouped at once
SAME_MEANING = 0.35  # cosine distance, on average, within which questions belong together
SHOWN_QUESTIONS = 20


async def groups(
    session: AsyncSession, caller: Caller, encoder: Encoder, language: Language | None
) -> list[GapGroup]:
    """Open gaps of a language grouped by meaning, the most asked first."""
    open_gaps = queries.readable_gaps(caller)
    if language:
        open_gaps = open_gaps.where(Gap.language == language)
    gaps = (await session.scalars(open_gaps.order_by(Gap.created_at.desc()).limit(GROUPED))).all()
    await _encode(gaps, encoder)
    together: dict[tuple[str, int], list[Gap]] = {}
    for name in sorted({gap.language for gap in gaps}):
        mine = [gap for gap in gaps if gap.language == name]
        for gap, label in zip(mine, _labels(mine), strict=True):
            together.setdefault((name, label), []).append(gap)
    return sorted(
        (_group(members) for members in together.values()), key=lambda g: (-g.count, g.question)
    )


async def draft_from(session: AsyncSession, caller: Caller, draft: GapDraft) -> Article:
    """A draft whose example questions are those of the gaps, which are no longer open; NotFound when one is not."""
    gaps = await _open(session, caller, draft.gap_ids)
    questions = list(dict.fromkeys(gap.question for gap in gaps))
    language: Language = Counter(gap.language for gap in gaps).most_common(1)[0][0]
    title = draft.title or questions[0][:200]
    content = ArticleContent(
        slug=draft.slug,
        language=language,
        title=title,
        body=draft.body or title,
        audience=draft.audience,
        category=draft.category,
        questions=questions[:200],
    )
    article = await create_article(session, caller, content)
    for gap in gaps:
        gap.state, gap.article_id = "drafted", article.id
    return article


async def dismiss(session: AsyncSession, caller: Caller, gap_ids: Sequence[UUID]) -> None:
    """Gaps that need no article."""
    for gap in await _open(session, caller, gap_ids):
        gap.state = "dismissed"
        await record(session, caller, "gap.dismissed", f"gap:{gap.id}")


async def _open(session: AsyncSession, caller: Caller, gap_ids: Sequence[UUID]) -> list[Gap]:
    chosen = queries.readable_gaps(caller).where(Gap.id.in_(gap_ids)).order_by(Gap.created_at)
    gaps = list((await session.scalars(chosen.with_for_update())).all())
    if len(gaps) < len(set(gap_ids)):
        raise NotFound("open_gap")
    return gaps


async def _encode(gaps: Sequence[Gap], encoder: Encoder) -> None:
    """Give gaps the encoder's vector where they have none."""
    lacking = [gap for gap in gaps if gap.encoder != encoder.name]
    for gap, vector in zip(
        lacking, await encoder.encode_all([gap.question for gap in lacking]), strict=True
    ):
        gap.vector, gap.encoder = vector.tobytes(), encoder.name


def _labels(gaps: Sequence[Gap]) -> list[int]:
    if len(gaps) < 2:  # noqa: PLR2004
        return [0] * len(gaps)
    vectors = np.frombuffer(b"".join(gap.vector or b"" for gap in gaps), np.float32).reshape(
        len(gaps), -1
    )
    clusters = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=SAME_MEANING
    )
    labels: list[int] = clusters.fit_predict(vectors).tolist()
    return labels


def _group(members: Sequence[Gap]) -> GapGroup:
    """What a group has in common: its middle question, and the topics that were offered most."""
    vectors = np.frombuffer(b"".join(gap.vector or b"" for gap in members), np.float32).reshape(
        len(members), -1
    )
    middle = members[int(np.argmax(vectors @ vectors.mean(axis=0)))]
    offered = Counter(slug for gap in members for slug in gap.alternatives)
    return GapGroup(
        question=middle.question,
        language=middle.language,
        count=len(members),
        questions=list(dict.fromkeys(gap.question for gap in members))[:SHOWN_QUESTIONS],
        gap_ids=[gap.id for gap in members],
        offered=[slug for slug, _ in offered.most_common(3)],
        newest=max(gap.created_at for gap in members),
    )
