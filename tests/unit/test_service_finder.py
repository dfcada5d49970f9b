"""Requests for entries of the service catalogue: found by phrases of the rule book and of the product."""

from __future__ import annotations

import asyncio

import pytest

from actions.tickets.catalogue.finder import (
    FILE,
    FOLDER,
    ServiceFinder,
    ServiceMatch,
    likely_services,
    own_texts,
    phrases_of,
)
from actions.tickets.ticket_config.contents import ServiceContent
from actions.tickets.ticket_config.service import TicketConfig, default_services
from knowledge_base.encoder import Encoder
from knowledge_base.vector_file import vector_file

SERVICES = default_services()
GARDEN = ServiceContent.model_validate(
    {
        "names": {"en": "Garden table", "zh": "花园桌"},
        "description": {"en": "A table in the branch's garden.", "zh": "网点花园里的一张桌子。"},
        "phrases": {
            "en": [
                "keep a table in the garden for me",
                "I want to sit in your garden",
                "a garden table please",
            ],
            "zh": ["给我留一张花园的桌子", "我想坐在你们的花园里", "订一张花园桌"],
        },
        "queue": "accounts",
    }
)


@pytest.fixture(scope="module")
def encoder():
    encoder = Encoder()
    yield encoder
    encoder.close()


def matching_codes(encoder, config, text):
    """Codes that a request may mean."""

    async def look():
        finder = ServiceFinder(encoder)
        return await finder.nearest(config, await encoder.encode(text))

    return [match.code for match in likely_services(asyncio.run(look()), asks=True)]


def test_the_shipped_vectors_are_those_of_todays_phrases(encoder):
    path = vector_file(FOLDER, FILE, encoder.name, own_texts())
    assert path.exists(), "run `.venv/bin/assistant train --ship`"
    assert len(list(FOLDER.glob(f"*-{FILE}.npy"))) == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "the plastic has a crack right across the chip, I could do with another",
            "card-replacement",
        ),
        ("my late husband banked with you and I must tell you of his death", "bereavement"),
        ("stop that gym from taking anything off me again", "direct-debit-stop"),
        ("the embassy asks for a letter saying how much I have", "certificate"),
        ("房租转到别人账上去了，帮我要回来", "payment-recall"),
        ("取款机把卡吞掉了", "card-in-atm"),
        ("年费扣错了，退给我", "fee-reversal"),
        ("这几个月房贷想先停一停", "payment-holiday"),
    ],
)
def test_a_request_matches_its_entry_in_words_of_its_own(encoder, text, code):
    assert code in matching_codes(encoder, TicketConfig(revision=1, services=SERVICES), text)


def test_a_new_entry_matches_once_the_rule_book_has_it(encoder):
    text = "would you save me a place at a table in the garden"
    assert "garden" not in matching_codes(
        encoder, TicketConfig(revision=1, services=SERVICES), text
    )
    more = TicketConfig(revision=2, services={**SERVICES, "garden": GARDEN})
    assert matching_codes(encoder, more, text) == ["garden"]


def test_an_only_entry_matches_by_nearness_and_an_empty_catalogue_has_none(encoder):
    only = TicketConfig(revision=3, services={"garden": GARDEN})
    assert matching_codes(encoder, only, "would you save me a place at a table in the garden") == [
        "garden"
    ]
    assert matching_codes(encoder, only, "why is the interest on my loan so high") == []
    assert matching_codes(encoder, TicketConfig(revision=4, services={}), "a garden table") == []


def test_the_products_phrases_go_with_the_products_entry_alone():
    own = SERVICES["card-lock"]
    assert len(phrases_of("card-lock", own)) > 60
    other = GARDEN.model_copy(update={"names": own.names})
    assert len(phrases_of("card-lock", other)) == 8
    assert len(phrases_of("garden", GARDEN)) == 8


def test_an_entry_is_likely_by_its_share_and_whether_something_is_asked_for():
    first, second = ServiceMatch("a", 0.5, 0.5), ServiceMatch("b", 0.2, 0.5)
    assert likely_services([first, second], asks=True) == [first]
    assert likely_services([first, second], asks=False) == []
    near = ServiceMatch("b", 0.46, 0.5)
    assert likely_services([first, near], asks=True) == [first, near]
    assert likely_services([ServiceMatch("a", 0.3, 0.9)], asks=True) == []
    sure = ServiceMatch("a", 0.8, 0.7)
    assert likely_services([sure], asks=False) == [sure]
    assert likely_services([], asks=True) == []
