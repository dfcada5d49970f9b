"""While a flow waits: questions choose nothing, a yes may go on, a no may ask for something else, a value may be put right."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from actions.tickets.models import Ticket
from tests.dialogue import Talk, card, clause

COMPLAINT = "the branch kept me waiting for two hours on Tuesday"


def two_cards(language="en") -> Talk:
    talk = Talk(language, cards=[card("4411"), card("9920", "credit")])
    talk.say(clause("I lost my card" if language == "en" else "我的卡丢了", "report_lost_card"))
    assert talk.state.frame.waiting == "card"
    return talk


def confirming(text: str = f"I want to complain: {COMPLAINT}") -> Talk:
    talk = Talk(cards=[card("4411")])
    talk.say(clause(text, "make_complaint"))
    assert talk.state.frame.waiting == "confirmation"
    return talk


def booking(words: str = "book an appointment next Thursday at 3pm about a mortgage") -> Talk:
    talk = Talk()
    talk.say(clause(words, "book_appointment"))
    assert talk.state.frame.waiting == "confirmation"
    return talk


def appointment(reference: str = "T-100900") -> Ticket:
    return Ticket(
        id=uuid4(),
        reference=reference,
        subject="Appointment: a mortgage",
        description="a mortgage\nWish: Thu 5 Mar 2026, 15:00",
        state="new",
        tags=["appointment"],
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("words", "stance"),
    [
        ("will my subscriptions on the credit card keep working?", "asked"),
        ("what happens to my debit card's standing payments if I block it?", "asked"),
        ("before I choose, can the credit card still be used?", "asked"),
    ],
)
def test_a_question_that_names_a_card_chooses_none(words, stance):
    talk = two_cards()
    turn = talk.say(clause(words, "ask_question", stance))
    assert turn.operations == ["knowledge.answer"]
    assert talk.state.frame.waiting == "card"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("the credit one", "credit"),
        ("ok block the debit one then", "debit"),
        ("can you make it the credit card?", "credit"),
        ("the debit card?", "debit"),
        ("not the debit card, the credit card", "credit"),
        ("don't touch the debit card, please", "credit"),
    ],
)
def test_a_card_is_chosen_in_many_words(words, kind):
    talk = two_cards()
    turn = talk.say(text=words)
    chosen = next(one for one in talk.cards if one.kind == kind)
    assert [call.arguments["card"] for call in turn.calls if call.operation == "cards.block"] == [
        str(chosen.id)
    ]


def test_a_card_for_a_while_is_not_the_one_to_report_lost():
    talk = two_cards("zh")
    turn = talk.say(clause("我只想临时锁一下借记卡", "report_lost_card"))
    assert "cards.block" not in turn.operations


@pytest.mark.parametrize(
    "words",
    [
        "My card has got a crack right through it",
        "my card was declined",
        "my card 0009 does not work in shops",
    ],
)
def test_a_block_needs_a_word_for_it(words):
    talk = Talk(cards=[card("4411")])
    assert talk.say(clause(words, "report_lost_card")).operations == ["knowledge.answer"]


@pytest.mark.parametrize(
    ("language", "first", "second"),
    [
        ("en", "I lost my card", "I haven't decided whether to block it"),
        ("en", "my card is gone", "I only want to lock it for now"),
        ("zh", "我的卡不见了", "还没决定要不要挂失"),
    ],
)
def test_what_is_held_back_is_offered(language, first, second):
    talk = Talk(language, cards=[card("4411")])
    turn = talk.say(clause(first, "report_lost_card"), clause(second, "statement", evidence=False))
    assert "cards.block" not in turn.operations


@pytest.mark.parametrize(
    ("language", "words"), [("en", "my credit card was stolen"), ("zh", "我的信用卡被偷了")]
)
def test_the_only_card_is_not_taken_for_another_kind(language, words):
    talk = Talk(language, cards=[card("4411", "debit")])
    assert "cards.block" not in talk.say(clause(words, "report_lost_card")).operations


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "卡找到了,没丢,帮我取消挂失吧"),
        ("en", "please cancel the block, I found my card"),
        ("en", "my card turned up, unblock it"),
    ],
)
def test_who_takes_a_block_back_blocks_nothing(language, words):
    talk = Talk(language, cards=[card("4411")])
    assert "cards.block" not in talk.say(clause(words, "report_lost_card")).operations


@pytest.mark.parametrize(
    "words", ["I didn't ask for that", "wrong card!", "found it, it was in my coat", "没丢，找到了"]
)
def test_after_a_block_a_protest_or_a_find_asks_about_unblocking(words):
    talk = Talk("zh" if words[0] == "没" else "en", cards=[card("4411", state="blocked")])
    talk.blocked_here()
    turn = talk.say(clause(words, "statement", evidence=False))
    assert turn.operations == []
    assert (talk.state.frame.flow, talk.state.frame.waiting) == ("unblock_card", "confirmation")


def test_a_question_after_a_block_undoes_nothing():
    talk = Talk(cards=[card("4411", state="blocked")])
    talk.blocked_here()
    talk.say(
        clause("That's not what I asked, but thank you.", "statement", evidence=False),
        clause("Did the man take anything out today?", "ask_question", "asked"),
    )
    assert talk.state.frame is None


# --- a confirmation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clauses", "operations"),
    [
        ([("yes please.", "affirm"), ("when will they reply?", "ask_question")], 2),
        ([("Yes please.", "affirm"), ("But can my daughter come with me?", "ask_question")], 2),
        ([("never mind that.", "cancel"), ("Yes, send it.", "affirm")], 1),
    ],
)
def test_a_yes_counts_whatever_stands_beside_it(clauses, operations):
    talk = confirming()
    turn = talk.say(*(clause(*one, evidence=False) for one in clauses))
    assert turn.operations[0] == "tickets.open"
    assert len(turn.operations) == operations


def test_a_yes_and_another_task_does_both():
    talk = confirming()
    turn = talk.say(
        clause("yes", "affirm"),
        clause("and change my address", "change_contact_details", evidence=False),
    )
    assert turn.operations == ["tickets.open"]
    assert talk.state.frame.flow == "change_contact_details"


@pytest.mark.parametrize("words", ["Statement please", "if you must", "wait, what is a ticket?"])
def test_what_is_no_yes_sends_nothing(words):
    talk = confirming()
    turn = talk.say(clause(words, "affirm", evidence=False, confidence=0.5))
    assert "tickets.open" not in turn.operations


@pytest.mark.parametrize(
    "clauses",
    [
        [("Don't send it.", "deny"), ("Yes, I'm sure.", "affirm")],
        [("I don't want that.", "statement"), ("Yes.", "affirm")],
        [("no", "deny"), ("yes I know what it costs", "affirm")],
    ],
)
def test_a_yes_after_a_refusal_sends_nothing(clauses):
    talk = confirming()
    turn = talk.say(*(clause(*one, evidence=False) for one in clauses))
    assert "tickets.open" not in turn.operations


def test_a_no_and_another_wish_leaves_and_begins_it():
    talk = confirming()
    turn = talk.say(
        clause("No thank you, no complaint.", "deny"),
        clause("Please change my address", "change_contact_details", evidence=False),
    )
    assert turn.operations == []
    assert talk.state.frame.flow == "change_contact_details"


@pytest.mark.parametrize(
    "words", ["don't send it", "please do not report it", "not a complaint", "forget the complaint"]
)
def test_a_refusal_in_words_leaves(words):
    talk = confirming()
    turn = talk.say(clause(words, "statement", "negated", evidence=False))
    assert turn.operations == []
    assert talk.state.frame is None


def test_what_is_added_to_a_description_stands_in_it():
    talk = confirming()
    talk.say(clause("It happened to my wife and me both.", "statement", evidence=False))
    assert talk.values()["description"] == f"{COMPLAINT} It happened to my wife and me both."
    assert talk.state.frame.waiting == "confirmation"


@pytest.mark.parametrize("words", ["nothing else", "no more details"])
def test_no_more_to_tell_is_no_refusal(words):
    talk = confirming()
    talk.say(clause(words, "deny", evidence=False))
    assert talk.state.frame.waiting == "confirmation"


def test_a_wrong_no_with_something_else_asks_what_is_right():
    talk = booking()
    turn = talk.say(
        clause("不对不对", "deny", evidence=False),
        clause("写得不清楚", "statement", evidence=False),
    )
    assert turn.operations == []
    assert talk.state.frame.waiting == "confirmation"


# --- leaving -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Forget the appointment."),
        ("en", "I don't need an appointment"),
        ("zh", "算了不约了"),
        ("zh", "退出,不约了"),
        ("zh", "取消预约"),
    ],
)
def test_a_task_is_left_by_its_name(language, words):
    talk = Talk(language)
    start = "I'd like to come in for an appointment" if language == "en" else "我想预约面谈"
    talk.say(clause(start, "book_appointment"))
    assert talk.state.frame is not None
    talk.say(clause(words, "book_appointment", evidence=False))
    assert talk.state.frame is None


def test_a_description_of_leaving_something_else_is_a_description():
    talk = Talk()
    talk.say(clause("I want to complain", "make_complaint"))
    talk.say(clause("I want to cancel my gym and you never stopped the payment", "statement"))
    assert talk.state.frame.waiting == "confirmation"


# --- appointments ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("no, at 4pm please", "2026-03-12T16:00"),
        ("Could it be Friday, at half past two instead?", "2026-03-06T14:30"),
        ("not thursday, friday at 10", "2026-03-06T10:00"),
        ("make it next Tuesday morning", "2026-03-10/morning"),
    ],
)
def test_a_day_or_a_time_is_put_right(words, moment):
    talk = booking()
    assert talk.values()["moment"] == "2026-03-12T15:00"
    talk.say(clause(words, "book_appointment", evidence=False))
    assert talk.values()["moment"] == moment
    assert talk.state.frame.waiting == "confirmation"


def test_the_day_before_what_replaces_it_is_not_taken():
    talk = booking()
    talk.say(
        clause("Oh wait, Thursday is the chiropodist.", "statement", evidence=False),
        clause("Could it be Wednesday, at half past two instead?", "book_appointment", "asked"),
    )
    assert talk.values()["moment"] == "2026-03-04T14:30"


@pytest.mark.parametrize(
    ("words", "flow"),
    [
        ("cancel that appointment", "cancel_appointment"),
        ("我要取消预约", "cancel_appointment"),
        ("can I move my appointment to Friday at 10?", "move_appointment"),
        ("我要改预约时间", "move_appointment"),
    ],
)
def test_an_appointment_that_exists_is_cancelled_or_moved(words, flow):
    talk = Talk("zh" if words[0] == "我" else "en", tickets=[appointment()])
    talk.say(clause(words, "book_appointment", evidence=False))
    assert talk.state.frame.flow == flow


def test_moving_asks_once_and_keeps_the_day_that_was_named():
    talk = Talk(tickets=[appointment()])
    talk.say(clause("move my appointment to Friday at 10", "book_appointment"))
    assert talk.values() == {"ticket": "T-100900", "moment": "2026-03-06T10:00"}
    turn = talk.say(clause("yes", "affirm"))
    assert turn.operations == ["appointments.move"]


@pytest.mark.parametrize(
    "words", ["when is my appointment?", "do I have any appointments?", "我现在有几个预约"]
)
def test_appointments_are_shown(words):
    talk = Talk("zh" if words[0] == "我" else "en", tickets=[appointment()])
    assert talk.say(clause(words, "book_appointment", "asked")).operations == ["appointments.show"]


def test_without_an_appointment_none_is_cancelled():
    talk = Talk()
    turn = talk.say(clause("cancel my appointment", "book_appointment"))
    assert turn.operations == []
    assert talk.state.frame is None


# --- what only shows, beside an open step --------------------------------------------------------------------------------


def test_ones_own_data_is_shown_in_the_middle_of_a_task():
    talk = confirming()
    turn = talk.say(clause("what's my balance?", "show_balance", "asked"))
    assert turn.operations == ["accounts.show"]
    assert talk.state.frame.waiting == "confirmation"


@pytest.mark.parametrize(
    ("language", "words", "named"),
    [
        ("en", "can we go on in Chinese, please?", "zh"),
        ("en", "请说中文", "zh"),
        ("zh", "可以用英文吗?", "en"),
        ("zh", "could you reply in English", "en"),
        ("en", "English please", "en"),
        ("en", "do you have a Chinese branch?", None),
        ("en", "my Chinese friend wants an account", None),
        ("zh", "英文名字怎么改", None),
    ],
)
def test_a_language_is_asked_for_in_many_ways(language, words, named):
    talk = Talk(language)
    turn = talk.say(clause(words, "ask_question", "asked"))
    switched = [one.language for one in turn.commands if one.type == "switch_language"]
    assert switched == ([named] if named else [])


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("are you even a human?", "identity"),
        ("who reads this?", "identity"),
        ("你是机器人还是真人", "identity"),
    ],
)
def test_the_assistant_says_what_it_is(words, kind):
    talk = Talk("zh" if words[0] == "你" else "en")
    turn = talk.say(clause(words, "ask_question", "asked"))
    assert turn.commands[0].kind == kind


@pytest.mark.parametrize("words", ["I don't want a bot", "no robots please", "不要机器人"])
def test_who_wants_no_machine_gets_a_person(words):
    talk = Talk("zh" if words[0] == "不" else "en")
    turn = talk.say(clause(words, "deny", "negated", evidence=False))
    assert turn.operations == ["handoff.request"]


@pytest.mark.parametrize("words", ["transfer 20 eur from current to savings", "帮我转200欧给妈妈"])
def test_money_is_moved_elsewhere(words):
    talk = Talk("zh" if words[0] == "帮" else "en")
    turn = talk.say(clause(words, "statement", evidence=False))
    assert turn.operations == []
    assert turn.commands[0].kind == "payment_order"


def test_an_account_is_not_closed_by_who_opens_one():
    talk = Talk()
    closing = clause(
        "I want to open a savings account", "open_ticket", services=("account-closure",)
    )
    talk.say(closing)
    assert talk.state.frame is None


def test_who_wants_an_appointment_with_somebody_is_not_handed_over():
    talk = Talk()
    turn = talk.say(
        clause("I would like to come in", "book_appointment"),
        clause("and speak to somebody.", "talk_to_person"),
    )
    assert "handoff.request" not in turn.operations
    assert talk.state.frame.flow == "book_appointment"


def test_who_means_something_else_leaves_what_was_begun():
    talk = Talk()
    talk.say(clause("my phone number changes", "change_contact_details"))
    assert talk.state.frame is not None
    turn = talk.say(
        clause("I don't mean my telephone number.", "statement", "negated"),
        clause("where do I see the number of my card?", "ask_question", "asked"),
    )
    assert turn.operations == ["knowledge.answer"]
    assert talk.state.frame is None


@pytest.mark.parametrize(
    "words", ["Yes, both of them please, quickly.", "yes, it was stolen with my purse"]
)
def test_a_yes_with_more_to_an_offer_takes_it(words):
    talk = Talk(cards=[card("4411"), card("9920", "credit")])
    talk.say(clause("the lost cards were in my purse", "report_lost_card", evidence=False))
    talk.say(clause(words, "report_lost_card", evidence=False))
    asked = talk.state.frame
    assert talk.state.effects or (asked is not None and asked.flow == "report_lost_card")
