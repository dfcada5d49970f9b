"""Staff tasks in the copilot, in both languages, through the real Rasa."""

from __future__ import annotations

import pytest

from tests.bank import Answer, Bank


def asked(bank: Bank, text: str, customer: int | None = None, role: str = "agent") -> Answer:
    """The message that answers a question of staff."""
    body: Answer = {"text": text}
    if customer is not None:
        body["customer_id"] = bank.customer(customer)["id"]
    message: Answer = bank.post("/v1/copilot/questions", body, bank.staff(role))["messages"][0]
    return message


@pytest.mark.parametrize(
    ("text", "customer", "slug", "begins"),
    [
        (
            "draft a reply about how long card delivery takes",
            2,
            "card-delivery-estimate",
            "Dear Otto Marković",
        ),
        ("起草一份回复，关于寄卡要多久", 3, "card-delivery-estimate", "尊敬的马雨客户"),
        ("draft a reply about how to change the PIN", None, "change-pin", "Dear,"),
    ],
)
def test_a_reply_is_drafted_in_the_customers_language_from_public_articles(
    bank: Bank, text: str, customer: int | None, slug: str, begins: str
) -> None:
    drafted = asked(bank, text, customer)
    assert drafted["citations"][0]["slug"] == slug
    assert drafted["text"].startswith(begins)


@pytest.mark.parametrize("text", ["draft a reply", "帮我起草回复"])
def test_a_draft_without_a_topic_asks_for_one(bank: Bank, text: str) -> None:
    drafted = asked(bank, text)
    assert drafted["citations"] == []
    assert "?" in drafted["text"] or "？" in drafted["text"]


@pytest.mark.parametrize(
    ("text", "customer"),
    [("run an onboarding check for this customer", 4), ("对这位客户做开户检查", 5)],
)
def test_an_onboarding_is_checked_and_kept(bank: Bank, text: str, customer: int) -> None:
    told = asked(bank, text, customer, "compliance_officer")
    assert told["actions"][0]["type"] == "check.done"
    assert told["text"].startswith(("Onboarding: ", "开户："))


@pytest.mark.parametrize(
    ("text", "customer"),
    [("recommend a product for retirement, 5000 euros", 4), ("推荐适合养老的产品，五千欧元", 9)],
)
def test_an_adviser_is_told_what_suits_with_what_must_be_read_out(
    bank: Bank, text: str, customer: int
) -> None:
    told = asked(bank, text, customer)
    assert told["actions"][0]["type"] == "recommendation.shown"
    assert "•" in told["text"]


@pytest.mark.parametrize(("text", "customer"), [("show the balance", 4), ("看看余额", 9)])
def test_own_data_of_the_open_customer_are_shown_to_staff(
    bank: Bank, text: str, customer: int
) -> None:
    told = asked(bank, text, customer)
    assert told["actions"][0] == {"type": "profile.shown", "part": "accounts"}
    assert "****" in told["text"]


@pytest.mark.parametrize("text", ["summarise this customer", "概括一下这位客户的情况"])
def test_a_summary_needs_the_customer(bank: Bank, text: str) -> None:
    assert asked(bank, text)["actions"] == []
    assert asked(bank, text, 6)["actions"][0]["type"] == "profile.shown"
