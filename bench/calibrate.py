"""Fits the confidence of answers: how likely the best article is right, from meaning, coverage and lead.

Prints the constants for knowledge_base/answers.py. The questions in bench/data/calibration.yml serve this alone.
Run by `make calibrate` against the demonstration's articles, without a server.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from assistant.demonstration.bank import load_articles
from core.clock import utc_now
from core.database import Database
from core.embedded import embedded_server
from core.languages import LANGUAGES, Language
from core.schema import migrate
from knowledge_base.encoder import Encoder
from knowledge_base.index import Filter
from knowledge_base.search import Found, KnowledgeSearch

DATA = Path(__file__).parent / "data" / "calibration.yml"


def features(found: list[Found]) -> list[float]:
    "Meaning, coverage and lead of the best article."
    lead = found[0].score - (found[1].score if len(found) > 1 else 0.0)
    return [found[0].meaning, found[0].coverage, lead]


async def samples(search: KnowledgeSearch, database: Database, language: Language, data: Any) -> tuple[Any, Any, float]:
    "Features, whether the first article is right, and the share of answerable questions whose first article is right."
    rows, right = [], []
    questions = [(q, slug) for slug, qs in data["answerable"][language].items() for q in qs]
    async with database.transaction() as session:
        for question, slug in [*questions, *((q, None) for q in data["unanswerable"][language])]:
            found = await search.find(session, question, language, Filter(("public",), language, utc_now()))
            rows.append(features(found))
            right.append(found[0].best.slug == slug)
    return np.array(rows), np.array(right), float(np.mean(right[: len(questions)]))


async def main() -> None:
    "Load the articles into an empty database, measure, fit."
    data = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder, embedded_server(Path(folder) / "postgres") as url:
        await asyncio.to_thread(migrate, url)
        database, encoder = Database(url, 2), Encoder()
        async with database.transaction() as session:
            await load_articles(session, encoder)
        search = KnowledgeSearch(encoder)
        for language in LANGUAGES:
            x, y, first = await samples(search, database, language, data)
            model = LogisticRegression(C=30.0, max_iter=1000).fit(x, y)
            auc = roc_auc_score(y, model.predict_proba(x)[:, 1])
            constants = (float(model.intercept_[0]), *(float(c) for c in model.coef_[0]))
            print(
                f'    "{language}": ({", ".join(f"{c:.2f}" for c in constants)}),  # right first {first:.2f}, AUROC {auc:.3f}'
            )
        await database.close()
        encoder.close()


if __name__ == "__main__":
    asyncio.run(main())
