"""Rasa as a process for understanding alone: several texts in one request, what it refuses, and who may ask. With the real Rasa."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from core.errors import SetupError
from core.settings import Settings
from knowledge_base.encoder import Encoder
from nlu import training
from nlu.checks import misread
from nlu.client import MAX_TEXTS, Parse, RasaClient, RasaUnavailable
from nlu.supervisor import free_port, start_process, trial

DIMENSIONS = 384
UNIT = [1.0, *[0.0] * (DIMENSIONS - 1)]
MAX_LENGTH = 10_000


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(var_dir=tmp_path_factory.mktemp("understanding"))


@pytest.fixture(scope="module")
def model(settings: Settings) -> Path:
    """The shipped model, which is taken without training."""
    return training.train(settings, encode=_never, checks=_never)


@pytest.fixture(scope="module")
async def rasa(settings: Settings, model: Path) -> AsyncIterator[RasaClient]:
    async with trial(settings, model) as client:
        yield client


@pytest.fixture(scope="module")
async def http(settings: Settings, model: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The server without our client, to ask it what our client would not."""
    port = free_port()
    process = await start_process(settings, model, port)
    token = settings.secrets.rasa_token
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        ) as client:
            await _until_ready(client)
            yield client
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


async def test_texts_of_one_request_are_read_as_each_alone(
    rasa: RasaClient, encoder: Encoder
) -> None:
    texts = ["I lost my card", "我的余额是多少", "transfer 50 euros to Maria Rossi", "谢谢你"]
    together = await _read(rasa, encoder, texts)
    assert [parse.intent for parse in together][:2] == ["report_lost_card", "show_balance"]
    assert together[3].intent == "thank"
    assert {entity.text_in(texts[2]) for entity in together[2].entities} == {
        "50 euros",
        "Maria Rossi",
    }
    for text, parse in zip(texts, together, strict=True):
        (alone,) = await _read(rasa, encoder, [text])
        assert alone.entities == parse.entities
        assert alone.confidence == pytest.approx(parse.confidence, abs=1e-3)


async def test_a_ranking_is_ordered_and_begins_with_the_intent(
    rasa: RasaClient, encoder: Encoder
) -> None:
    (parse,) = await _read(rasa, encoder, ["please close my ticket"])
    confidences = [entry.confidence for entry in parse.ranking]
    assert confidences == sorted(confidences, reverse=True)
    assert (parse.ranking[0].name, confidences[0]) == (parse.intent, parse.confidence)
    assert 0 < sum(confidences) <= 1 + 1e-6


async def test_a_slash_is_text_and_blanks_keep_their_place(
    rasa: RasaClient, encoder: Encoder
) -> None:
    texts = ['/show_balance{"a": 1}', "  pay 20 euros", " "]
    slash, padded, blank = await _read(rasa, encoder, texts)
    assert slash.confidence < 1
    assert [entity.text_in(texts[1]) for entity in padded.entities] == ["20 euros"]
    assert (blank.intent, blank.ranking, blank.entities) == (None, (), ())


async def test_as_many_and_as_long_texts_as_are_allowed_are_read(http: httpx.AsyncClient) -> None:
    texts = ["卡" * MAX_LENGTH, *["hello"] * (MAX_TEXTS - 1)]
    answer = await http.post("/parse", json={"texts": texts, "vectors": [UNIT] * MAX_TEXTS})
    assert len(answer.raise_for_status().json()["parses"]) == MAX_TEXTS


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "a JSON object"),
        ({"texts": []}, "a JSON object"),
        ({"texts": [], "vectors": [], "model": "x"}, "nothing else"),
        ({"texts": "hello", "vectors": []}, "a list of texts"),
        ({"texts": [1], "vectors": [UNIT]}, "a list of texts"),
        ({"texts": ["a"] * 501, "vectors": [UNIT] * 501}, "at most 500"),
        ({"texts": ["a" * 10_001], "vectors": [UNIT]}, "at most 10,000"),
        ({"texts": ["a"], "vectors": []}, "a vector for each text"),
        ({"texts": ["a", "b"], "vectors": [UNIT]}, "a vector for each text"),
        ({"texts": ["a"], "vectors": None}, "a vector for each text"),
        ({"texts": ["a"], "vectors": [None]}, "384 numbers"),
        ({"texts": ["a"], "vectors": [UNIT[:-1]]}, "384 numbers"),
        ({"texts": ["a"], "vectors": [[*UNIT, 0.0]]}, "384 numbers"),
        ({"texts": ["a"], "vectors": [[0.0] * DIMENSIONS]}, "unit length"),
        ({"texts": ["a"], "vectors": [[2.0, *UNIT[1:]]]}, "unit length"),
        ({"texts": ["a"], "vectors": [["1", *UNIT[1:]]]}, "numbers only"),
        ({"texts": ["a"], "vectors": [[None, *UNIT[1:]]]}, "numbers only"),
    ],
)
async def test_what_cannot_be_read_is_refused_with_the_reason(
    http: httpx.AsyncClient, body: Any, reason: str
) -> None:
    answer = await http.post("/parse", json=body)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert reason in answer.json()["error"]


@pytest.mark.parametrize("content", [b"", b"{", b'{"texts": ["a"], "vectors": [[NaN]]}', b"\xff"])
async def test_what_is_no_json_is_refused(http: httpx.AsyncClient, content: bytes) -> None:
    answer = await http.post("/parse", content=content)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert answer.json()["error"]


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Bearer wröng", "Basic wrong"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/status"), ("POST", "/parse")])
async def test_only_who_has_the_token_is_answered(
    http: httpx.AsyncClient, method: str, path: str, authorization: str
) -> None:
    answer = await http.request(
        method, path, headers={"Authorization": authorization.encode()}, json={}
    )
    assert answer.status_code == httpx.codes.UNAUTHORIZED


async def test_the_status_names_the_model(http: httpx.AsyncClient, model: Path) -> None:
    status = (await http.get("/status")).json()
    assert (status["model"], status["dimensions"]) == (model.name, DIMENSIONS)


async def test_a_vector_of_another_encoder_is_not_read(rasa: RasaClient) -> None:
    with pytest.raises(RasaUnavailable, match=r"refused.*384 numbers"):
        await rasa.parse(["hello"], np.ones((1, 1), np.float32))


async def test_our_client_asks_only_for_what_may_be_asked(rasa: RasaClient) -> None:
    assert await rasa.parse([], np.zeros((0, DIMENSIONS), np.float32)) == []
    for texts, vectors in ((["a"], 2), (["a"] * (MAX_TEXTS + 1), MAX_TEXTS + 1)):
        with pytest.raises(ValueError, match="vectors of"):
            await rasa.parse(texts, np.ones((vectors, DIMENSIONS), np.float32))


async def test_a_model_that_does_not_load_cannot_be_tried(
    settings: Settings, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"nothing")
    with pytest.raises(SetupError, match="does not start with broken"):
        async with trial(settings, broken):
            _never()


async def test_the_shipped_model_reads_the_messages_that_it_must_read(
    rasa: RasaClient, encoder: Encoder
) -> None:
    def encode(texts: Any) -> Any:
        return asyncio.run(encoder.encode_all(list(texts)))

    assert await misread(rasa, encode) == []


async def test_a_misread_message_is_named(
    rasa: RasaClient, encoder: Encoder, tmp_path: Path
) -> None:
    messages = tmp_path / "messages.yml"
    messages.write_text("en: {goodbye: [thanks a lot], thank: [thank you]}", encoding="utf-8")
    vectors = await encoder.encode_all(["thanks a lot", "thank you"])
    assert await misread(rasa, lambda _: vectors, messages) == [
        "“thanks a lot” was read as thank, not as goodbye"
    ]


async def _read(rasa: RasaClient, encoder: Encoder, texts: list[str]) -> list[Parse]:
    return await rasa.parse(texts, await encoder.encode_all(texts))


async def _until_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                (await client.get("/status")).raise_for_status()
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
            else:
                return


def _never(*_: object) -> Any:
    raise AssertionError("nothing is to be trained, encoded or tried")
