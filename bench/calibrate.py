"""Fits the confidence of answers: how likely the best article is right, from the evidence for it.

Prints the constants for knowledge_base/answers.py. English: 2,000 of BANKING77's rows outside the measured ones, and
2,000 of CLINC150's training rows as questions that nobody can answer. Chinese: bench/data/calibration.yml, which serves
this alone. Run by `make calibrate`, without a server.
"""

from __future__ import annotations

import asyncio
from random import Random

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.knowledge import (
    OWN,
    Question,
    banking_questions,
    foreign_questions,
    loaded_articles,
    rank_of,
    search_all,
)
from core.languages import LANGUAGES, Language
from knowledge_base.answers import evidence_of

SAMPLE = 2_000


def calibration_questions(language: Language) -> list[Question]:
    """Answerable and unanswerable questions of a language."""
    data = yaml.safe_load((OWN / "calibration.yml").read_text(encoding="utf-8"))
    own = [Question(q, slug) for slug, qs in data["answerable"][language].items() for q in qs]
    own += [Question(q, None) for q in data["unanswerable"][language]]
    if language == "zh":
        return own
    return (
        own
        + banking_questions(measured=False)[:SAMPLE]
        + Random(1).sample(foreign_questions("train"), SAMPLE)
    )


async def main() -> None:
    """Search, fit, print."""
    async with loaded_articles() as (session, search):
        for language in LANGUAGES:
            questions = calibration_questions(language)
            found = await search_all(session, search, questions, language)
            x = np.array([evidence_of(f) for f in found])
            y = np.array([rank_of(f, q) == 0 for f, q in zip(found, questions, strict=True)])
            answerable = np.array([q.slug is not None for q in questions])
            model = LogisticRegression(C=3.0, max_iter=2000).fit(x, y)
            sure = model.predict_proba(x)[:, 1]
            constants = ", ".join(f"{c:.2f}" for c in (float(model.intercept_[0]), *model.coef_[0]))
            print(
                f'    "{language}": ({constants}),  # right first {y[answerable].mean():.3f}, AUROC right '
                f"{roc_auc_score(y, sure):.3f}, answerable {roc_auc_score(answerable, sure):.3f}"
            )
            for column, name in enumerate(("meaning", "coverage", "score", "lead")):
                print(
                    f"    #   {name} alone, answerable: {roc_auc_score(answerable, x[:, column]):.3f}"
                )


if __name__ == "__main__":
    asyncio.run(main())
