"""The reader of clauses: its examples, its file, and what it reads."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.dialogue.reader import tokenisation
from assistant.dialogue.reader.examples import (
    LabelledClause,
    fingerprint_of,
    read_messages,
    training_messages,
)
from assistant.dialogue.reader.labels import INTENTS, STANCES
from assistant.dialogue.reader.model import Reader, reader
from assistant.dialogue.reader.weights import ReaderWeights
from core import chinese_rows
from core.errors import SetupError


def test_every_line_of_the_examples_is_labelled() -> None:
    messages = training_messages()
    labels = {(c.intent, c.stance) for message in messages for c in message.clauses}
    assert {message.language for message in messages} == {"en", "zh"}
    assert {intent for intent, _ in labels} == set(INTENTS)
    assert {stance for _, stance in labels} == set(STANCES)


def test_the_weights_were_learned_from_todays_examples_and_rows() -> None:
    weights = ReaderWeights.read()
    messages = [tokenisation.normalised(message) for message in training_messages()]
    assert weights.fingerprint == fingerprint_of(messages)
    assert weights.encoder == chinese_rows.fingerprint()


def test_a_message_is_read_clause_by_clause(tmp_path: Path) -> None:
    path = tmp_path / "en_x.txt"
    path.write_text("# remark\ncourtesy/asserted: hello, || deny/asserted: no\n", encoding="utf-8")
    (message,) = read_messages(path)
    assert message.text == "hello, no"
    assert message.clauses[1] == LabelledClause("no", "deny", "asserted")


@pytest.mark.parametrize(
    "line", ["hello", "courtesy: hi", "greeting/asserted: hi", "deny/maybe: n"]
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "en_x.txt"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(SetupError, match=r"en_x\.txt:1"):
        list(read_messages(path))


def test_weights_survive_their_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    arrays = {
        "rows": rng.normal(size=(3, 8)).astype(np.float32),
        "intent.bias": np.ones(4, np.float32),
    }
    path = tmp_path / "weights.safetensors"
    ReaderWeights(arrays, np.arange(3, dtype=np.int32), "f", chinese_rows.fingerprint()).write(path)
    again = ReaderWeights.read(path)
    assert np.abs(again.arrays["rows"] - arrays["rows"]).max() < 0.02
    assert again.fingerprint == "f"


def test_weights_for_other_chinese_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    ReaderWeights({}, np.arange(1, dtype=np.int32), "f", "other").write(path)
    with pytest.raises(SetupError, match="train-reader"):
        ReaderWeights.read(path)


@pytest.fixture(scope="module")
def product() -> Reader:
    return reader()


@pytest.mark.parametrize(
    ("text", "intent", "stance"),
    [
        ("I did NOT lose my card", "report_lost_card", "negated"),
        ("how do I report a stolen card?", "report_lost_card", "asked"),
        ("I lost my card, please block it", "report_lost_card", "asserted"),
        ("我的卡丢了,帮我挂失", "report_lost_card", "asserted"),
        ("先不改地址了", "change_contact_details", "negated"),
    ],
)
def test_intent_and_stance_of_plain_clauses(
    product: Reader, text: str, intent: str, stance: str
) -> None:
    (read,) = product.read([text])
    assert (read.intent, read.stance) == (intent, stance)
    assert sum(read.stances.values()) == pytest.approx(1, abs=1e-4)


def test_a_clause_is_read_the_same_beside_others_and_from_any_thread(product: Reader) -> None:
    texts = ["block my card", "", "谢谢", "word " * 3_000]
    alone = [Reader(ReaderWeights.read()).read([text])[0] for text in texts[:1]]
    with ThreadPoolExecutor(4) as threads:
        readings = list(threads.map(product.read, [texts] * 4))
    assert all(together == readings[0] for together in readings)
    assert readings[0][0] == alone[0]
    assert asyncio.run(product.read_async(texts)) == readings[0]


def test_boundaries_are_offsets_of_the_message(product: Reader) -> None:
    text = "good afternoon, please order me a new card, and how much does it cost?"
    found = product.boundaries(text)
    assert 0 not in found
    assert text.index("and how") in found or text.index("please") in found
    assert product.boundaries("") == []
    long = "my card is gone and I want a new one. " * 200
    assert all(0 < offset < len(long) for offset in product.boundaries(long))
