"""The engine and the resolution of readings: what acts, what only answers, what is asked, and what is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from assistant.dialogue.outputs import Outcome, Reply
from assistant.dialogue.readings import Stance
from assistant.dialogue.state import QueueState, Result, Topic
from tests.dialogue import MONDAY, Talk, card, clause

WORDS = {"en": "I lost my card", "zh": "我的卡丢了"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_card_is_blocked_at_once(language):
    talk = Talk(language, cards=[card("4411")])
    turn = talk.say(clause(WORDS[language], "report_lost_card"))
    assert turn.operations == ["cards.block"]
    assert turn.state.effects[0].undo == "cards.unblock"


def test_of_several_cards_one_is_asked_for():
    talk = Talk(cards=[card("4411"), card("9920", "credit")])
    turn = talk.say(clause("I lost my card", "report_lost_card"))
    assert turn.operations == []
    assert turn.state.frame.waiting == "card"
    chosen = talk.say(text="the credit one")
    assert chosen.operations == ["cards.block"]
    assert chosen.calls[0].arguments["card"] == str(talk.cards[1].id)


@pytest.mark.parametrize("stance", ["negated", "asked", "hypothetical", "reported", "past"])
@pytest.mark.parametrize(
    "intent",
    [
        "report_lost_card",
        "report_fraud",
        "make_complaint",
        "open_ticket",
        "close_ticket",
        "add_to_ticket",
        "change_contact_details",
        "book_appointment",
        "talk_to_person",
    ],
)
@pytest.mark.parametrize("text", ["something about it", "how would that be done?"])
def test_an_act_that_is_not_asserted_starts_nothing(intent: str, stance: Stance, text: str):
    talk = Talk(cards=[card("4411")])
    turn = talk.say(clause(text, intent, stance))
    assert set(turn.operations) <= {"knowledge.answer"}
    assert turn.state.frame is None


def test_without_evidence_a_block_is_one_quick_reply():
    talk = Talk(cards=[card("4411")])
    turn = talk.say(clause("card trouble, lost", "report_lost_card", evidence=False))
    assert turn.operations == ["knowledge.answer"]
    tapped = talk.say(text=turn.taps[0])
    assert tapped.operations == ["cards.block"]


def test_a_denied_loss_beside_a_question_answers_the_question():
    talk = Talk(cards=[card("4411")])
    turn = talk.say(
        clause("I did NOT lose my card,", "report_lost_card", "negated"),
        clause("I only forgot the PIN", "ask_question"),
    )
    assert turn.operations == ["knowledge.answer"]
    assert turn.calls[0].arguments["question"] == "I only forgot the PIN"


def test_two_questions_get_two_answers_in_order():
    talk = Talk()
    turn = talk.say(
        clause("what are the fees for cash abroad", "ask_question"),
        clause("and is there a limit?", "ask_question"),
    )
    assert turn.operations == ["knowledge.answer", "knowledge.answer"]
    assert "cash abroad" in turn.calls[1].arguments["rewritten"]


def test_a_block_and_a_question_in_one_message_are_both_served():
    talk = Talk(cards=[card("4411")])
    turn = talk.say(
        clause("my card was stolen", "report_lost_card"),
        clause("how long does a new one take?", "ask_question"),
    )
    assert turn.operations == ["cards.block", "knowledge.answer"]


def test_a_question_in_the_middle_is_answered_and_the_step_asked_again():
    talk = Talk()
    talk.say(clause("I want to open a ticket", "open_ticket"))
    assert talk.state.frame.waiting == "description"
    turn = talk.say(clause("how do I activate my card?", "ask_question"))
    assert turn.operations == ["knowledge.answer"]
    assert talk.state.frame.waiting == "description"
    done = talk.say(text="the letter with my PIN never came")
    assert done.state.frame.waiting == "confirmation"
    assert talk.say(clause("yes", "affirm")).operations == ["tickets.open"]


def test_no_means_no():
    talk = Talk()
    talk.say(clause("open a ticket: I need a printed tax certificate", "open_ticket"))
    assert talk.state.frame.waiting == "confirmation"
    turn = talk.say(clause("no", "deny"))
    assert turn.operations == []
    assert turn.state.frame is None


@pytest.mark.parametrize("words", ["forget it", "never mind", "算了", "不办了"])
def test_forget_it_leaves_without_a_handover(words: str):
    talk = Talk()
    talk.say(clause("I want to open a ticket", "open_ticket"))
    turn = talk.say(text=words)
    assert turn.operations == []
    assert turn.state.frame is None
    assert talk.say(text="continue").state.frame.flow == "open_ticket"


def test_a_correction_replaces_what_was_understood():
    talk = Talk(signed_in=False)
    talk.say(clause("open a ticket: my statement shows a wrong address", "open_ticket"))
    talk.say(text="anna@example.com")
    assert talk.state.frame.waiting == "confirmation"
    talk.say(text="no, my email is ben@example.com")
    assert talk.values()["contact"] == "ben@example.com"
    assert talk.state.frame.waiting == "confirmation"


def test_two_unreadable_answers_offer_other_ways_and_impose_none():
    talk = Talk(signed_in=False)
    talk.say(clause("open a ticket: my statement shows a wrong address", "open_ticket"))
    talk.say(text="just ring the doorbell")
    turn = talk.say(text="purple bananas on the roof")
    assert "handoff.request" not in turn.operations
    assert turn.state.frame.waiting == "contact"
    assert len(turn.taps) > 1


def test_failures_offer_a_person_and_impose_none():
    talk = Talk(outcomes={"knowledge.answer": Outcome((Reply("I don't know."),), helped=False)})
    talk.say(clause("why is the moon?", "ask_question"))
    turn = talk.say(clause("and who painted it?", "ask_question"))
    assert turn.operations == ["knowledge.answer"]
    assert any("agent" in tap.lower() or "person" in tap.lower() for tap in turn.taps)


def test_a_task_interrupts_only_after_asking_but_a_lost_card_at_once():
    talk = Talk(cards=[card("4411")])
    talk.say(clause("I want to open a ticket", "open_ticket"))
    talk.say(clause("my card was stolen just now", "report_lost_card"))
    assert talk.state.effects[0].operation == "cards.block"
    assert talk.state.frame.flow == "open_ticket"
    assert talk.state.frame.waiting == "confirmation"
    turn = talk.say(clause("I want to make a complaint about the clerk", "make_complaint"))
    assert turn.state.frame.flow == "open_ticket"
    talk.say(text=turn.taps[1])
    assert talk.state.frame.flow == "make_complaint"


def test_yes_the_second_one_and_taps_refer_to_the_last_offer():
    talk = Talk(cards=[card("4411"), card("9920", "credit")])
    talk.say(clause("I lost my card", "report_lost_card"))
    turn = talk.say(text="the second one")
    assert turn.calls[0].arguments["card"] == str(talk.cards[1].id)


def test_the_debit_one_after_a_question_about_limits_blocks_nothing():
    talk = Talk(cards=[card("4411"), card("9920", "credit")])
    talk.say(clause("what is the limit of my card?", "ask_question"))
    turn = talk.say(text="the debit one")
    assert "cards.block" not in turn.operations


def test_what_was_done_can_be_taken_back():
    talk = Talk(cards=[card("4411")])
    talk.say(clause("I lost my card", "report_lost_card"))
    turn = talk.say(clause("found it, please unblock it", "request_service"))
    assert turn.operations == ["cards.unblock"]


def test_a_person_comes_at_once_on_request_and_is_only_offered_on_a_guess():
    talk = Talk()
    assert talk.say(clause("a human please", "talk_to_person")).operations == ["handoff.request"]
    other = Talk()
    turn = other.say(clause("people at the branch", "talk_to_person", evidence=False))
    assert turn.operations == ["knowledge.answer"]
    assert other.say(text=turn.taps[0]).operations == ["handoff.request"]


def test_waiting_is_not_silence():
    queue = QueueState(since=MONDAY, reason="asked")
    talk = Talk(cards=[card("4411")])
    talk.state = talk.state.model_copy(update={"queue": queue})
    assert talk.say(clause("my card was stolen just now", "report_lost_card")).operations == [
        "cards.block"
    ]
    assert talk.say(clause("what does a new one cost?", "ask_question")).operations == [
        "knowledge.answer"
    ]
    assert talk.say(clause("I don't want to wait any more", "leave_queue")).operations == [
        "handoff.leave"
    ]


@pytest.mark.parametrize(
    ("language", "topic", "words", "complete"),
    [
        (
            "en",
            "is there a limit for cash machines with the debit card",
            "and for the credit card?",
            "credit card",
        ),
        (
            "en",
            "is there a limit for cash machines",
            "how do I raise it",
            "limit for cash machines",
        ),
        ("zh", "取现限额是多少", "那信用卡呢？", "信用卡"),
        ("zh", "跨境汇款", "多少钱？", "跨境汇款"),
    ],
)
def test_a_follow_up_is_made_complete(language, topic, words, complete):
    talk = Talk(language)
    talk.state = talk.state.model_copy(update={"topic": Topic(question=topic)})
    turn = talk.say(clause(words, "ask_question"))
    assert complete in turn.calls[0].arguments["rewritten"]


def test_the_same_sentence_is_not_said_twice_in_a_row():
    talk = Talk()
    first, second = talk.say(clause("no", "deny")), talk.say(clause("no", "deny"))
    assert first.text != second.text


def test_figures_of_ones_own_need_a_sign_in():
    assert Talk(signed_in=False).say(clause("my balance", "show_balance")).operations == []
    assert Talk().say(clause("my balance", "show_balance")).operations == ["accounts.show"]


@pytest.mark.parametrize("words", ["ok", "right", "perfect", "好的"])
def test_an_acknowledgement_of_an_answer_blocks_nothing(words: str):
    talk = Talk(cards=[card("4411")])
    talk.say(clause("how do I report a lost card?", "report_lost_card", "asked"))
    assert talk.say(clause(words, "affirm")).operations == []


@pytest.mark.parametrize(
    ("words", "intent", "stance"),
    [
        ("is my credit card blocked too?", "ask_question", "asked"),
        ("no, my credit card is fine", "statement", "asserted"),
        ("I also have a credit card", "statement", "asserted"),
        ("my credit card is safe as well", "report_lost_card", "negated"),
        ("信用卡也在我手上", "statement", "asserted"),
    ],
)
def test_what_is_said_of_another_card_blocks_it_only_when_that_is_asked(words, intent, stance):
    talk = Talk(cards=[card("4411"), card("9920", "credit")])
    talk.say(clause("I lost my debit card", "report_lost_card"))
    assert "cards.block" not in talk.say(clause(words, intent, stance, evidence=False)).operations


@pytest.mark.parametrize("words", ["no, the other one", "the credit card too", "信用卡也要挂失"])
def test_another_card_is_blocked_as_well(words: str):
    talk = Talk(cards=[card("4411"), card("9920", "credit")])
    talk.say(clause("I lost my debit card", "report_lost_card"))
    turn = talk.say(text=words)
    assert turn.operations == ["cards.block"]
    assert turn.calls[0].arguments["card"] == str(talk.cards[1].id)


@pytest.mark.parametrize(
    "message",
    [
        [("ok", "affirm", "asserted"), ("but wait until Monday", "statement", "asserted")],
        [("yes if it is free", "affirm", "hypothetical")],
        [("ok", "affirm", "asserted"), ("how much does it cost?", "ask_question", "asked")],
        [("not ok like that", "affirm", "negated")],
        [("可以", "affirm", "asserted"), ("不过等我问问家人", "statement", "asserted")],
    ],
)
def test_a_yes_with_a_condition_confirms_nothing(message):
    talk = Talk()
    talk.say(clause("open a ticket: I need a printed tax certificate", "open_ticket"))
    turn = talk.say(*(clause(*part) for part in message))
    assert "tickets.open" not in turn.operations
    assert turn.state.frame.waiting == "confirmation"


@pytest.mark.parametrize(
    "message",
    [
        [("yes", "affirm", "asserted"), ("please open the ticket", "open_ticket", "asserted")],
        [("yes please", "affirm", "asserted"), ("how long does it take?", "ask_question", "asked")],
    ],
)
def test_a_plain_yes_confirms_whatever_stands_beside_it(message):
    talk = Talk()
    talk.say(clause("open a ticket: I need a printed tax certificate", "open_ticket"))
    assert talk.say(*(clause(*part) for part in message)).operations[0] == "tickets.open"


@pytest.mark.parametrize(
    ("words", "evidence"),
    [
        ("please unblock my credit card", True),
        ("unblock my online banking", True),
        ("解锁我的网银账户", True),
        ("unblock, or rather leave it", False),
    ],
)
def test_only_what_was_blocked_here_is_unblocked_without_a_question(words: str, evidence: bool):
    talk = Talk(cards=[card("4411"), card("9920", "credit")])
    talk.say(clause("I lost my debit card", "report_lost_card"))
    turn = talk.say(clause(words, "request_service", evidence=evidence))
    assert "cards.unblock" not in turn.operations


def test_an_unblocking_without_evidence_asks_first():
    talk = Talk(cards=[card("4411", state="blocked")])
    talk.blocked_here()
    turn = talk.say(clause("found it, unblock it", "request_service", evidence=False))
    assert turn.operations == []
    assert turn.state.frame.waiting == "confirmation"
    assert talk.say(clause("yes", "affirm")).operations == ["cards.unblock"]


@pytest.mark.parametrize(
    "words",
    [
        "it was a bank transfer to a fake shop",
        "my debit card is fine, it was not used",
        "是转账被骗的，和卡无关",
    ],
)
def test_what_happened_blocks_no_card_after_fraud(words: str):
    talk = Talk(cards=[card("4411")])
    talk.say(clause("someone took 500 euro from my account", "report_fraud"))
    assert talk.state.frame.waiting == "card"
    turn = talk.say(text=words)
    assert turn.operations == []
    assert words in talk.values()["description"]
    assert turn.state.frame.waiting == "confirmation"


def test_a_no_leaves_out_what_may_be_left_out():
    talk = Talk(cards=[card("4411")])
    talk.say(clause("someone took 500 euro from my account", "report_fraud"))
    turn = talk.say(clause("no", "deny"))
    assert turn.operations == []
    assert turn.state.frame.waiting == "confirmation"


@pytest.mark.parametrize("words", ["yes, block it", "the debit card please", "把卡冻结"])
def test_a_card_that_is_named_after_fraud_is_blocked(words: str):
    talk = Talk(cards=[card("4411")])
    talk.say(clause("someone took 500 euro from my account", "report_fraud"))
    assert talk.say(text=words).operations == ["cards.block"]


def test_a_flow_that_was_withdrawn_ends_and_the_message_is_read_freely():
    talk = Talk()
    talk.say(clause("I want to open a ticket", "open_ticket"))
    talk.flows = talk.flows.without(["open_ticket"], [])
    turn = talk.say(clause("how do I activate my card?", "ask_question"))
    assert turn.state.frame is None
    assert "available" in turn.text
    assert turn.operations == ["knowledge.answer"]


def test_a_second_task_waits_for_the_first_without_asking_which_comes_first():
    talk = Talk()
    both = (
        clause("I want to complain", "make_complaint"),
        clause("and see an adviser", "book_appointment"),
    )
    talk.say(*both)
    talk.say(text="the clerk was rude to me yesterday")
    turn = talk.say(clause("yes", "affirm"))
    assert turn.operations == ["tickets.open"]
    assert turn.state.frame.flow == "book_appointment"


def test_a_number_does_not_pick_from_the_options_of_a_question_that_was_answered():
    talk = Talk()
    talk.say(clause("change my contact details", "change_contact_details"))
    talk.say(text="my address please")
    assert talk.state.frame.waiting == "address"
    talk.say(text="2")
    assert talk.state.frame.waiting == "address"
    assert talk.values()["detail"] == "address"


def test_the_yes_and_no_of_a_confirmation_are_over_with_its_answer():
    talk = Talk()
    talk.say(clause("open a ticket: I need a printed tax certificate", "open_ticket"))
    talk.say(clause("yes", "affirm"))
    assert talk.state.last_offer is None


@pytest.mark.parametrize(
    ("words", "intent", "stance", "leaves"),
    [
        ("do I lose my place if I leave the queue?", "leave_queue", "asked", False),
        ("I will not leave the queue", "statement", "negated", False),
        ("don't take me back to the bot", "leave_queue", "negated", False),
        ("我不想退出排队", "statement", "negated", False),
        ("不等了", "leave_queue", "negated", True),
        ("I don't want to wait any more", "leave_queue", "negated", True),
    ],
)
def test_the_queue_is_left_only_by_who_says_so(words, intent, stance, leaves):
    talk = Talk()
    queue = QueueState(since=MONDAY, reason="asked")
    talk.state = talk.state.model_copy(update={"queue": queue})
    turn = talk.say(clause(words, intent, stance, evidence=False))
    assert ("handoff.leave" in turn.operations) is leaves


def test_a_card_that_is_named_beside_a_report_is_not_the_lost_one():
    talk = Talk(cards=[card("4411"), card("9920", "credit")])
    turn = talk.say(
        clause("my credit card ending 9920 is here", "statement"),
        clause("but I lost the other one", "report_lost_card"),
    )
    assert turn.operations == []
    assert turn.state.frame.waiting == "card"


def test_an_offer_lapses_after_two_turns():
    talk = Talk(cards=[card("4411")])
    turn = talk.say(clause("how do I report a lost card?", "report_lost_card", "asked"))
    assert turn.taps
    talk.say(clause("what does an account cost?", "ask_question"))
    talk.say(clause("and a safe?", "ask_question"))
    late = talk.say(clause("yes", "affirm"))
    assert late.operations == []
    assert [one.type for one in late.commands] == ["chitchat"]


@pytest.mark.parametrize(
    "words",
    [
        "I forgot my online banking password",
        "我忘了网银密码，登录不了",
        "none of the payments are mine",
    ],
)
def test_what_somebody_forgot_may_be_what_the_matter_is(words: str):
    talk = Talk()
    talk.say(clause("I want to open a ticket", "open_ticket"))
    assert talk.say(text=words).state.frame.waiting == "confirmation"


def test_a_description_that_speaks_of_cancelling_leaves_nothing():
    talk = Talk()
    talk.say(clause("I want to open a ticket", "open_ticket"))
    turn = talk.say(clause("they did not cancel my direct debit", "cancel"))
    assert turn.state.frame.waiting == "confirmation"


@pytest.mark.parametrize(
    ("words", "turns", "operation"),
    [
        ("how many days does a transfer take?", 1, "knowledge.answer"),
        ("which was the biggest?", 5, "knowledge.answer"),
        ("which was the biggest?", 1, "accounts.aggregate"),
    ],
)
def test_figures_are_asked_about_while_they_are_before_ones_eyes(words, turns, operation):
    talk = Talk()
    result = Result(view="show_transactions", turn=1)
    talk.state = talk.state.model_copy(update={"last_result": result, "turn": turns})
    assert talk.say(clause(words, "ask_question", "asked")).operations == [operation]


def test_a_person_is_fetched_before_the_task_of_the_same_message_begins():
    talk = Talk()
    turn = talk.say(
        clause("open a ticket about my tax certificate", "open_ticket"),
        clause("and get me a human", "talk_to_person"),
    )
    assert turn.operations == ["handoff.request"]
    assert turn.state.frame.waiting == "confirmation"


def test_a_yes_after_days_is_asked_for_again():
    talk = Talk()
    talk.say(clause("open a ticket: I need a printed tax certificate", "open_ticket"))
    talk.now += timedelta(days=3)
    turn = talk.say(clause("yes", "affirm"))
    assert turn.operations == []
    assert turn.state.frame.waiting == "confirmation"
    assert talk.say(clause("yes", "affirm")).operations == ["tickets.open"]


def test_a_yes_after_days_takes_no_offer():
    talk = Talk(cards=[card("4411")])
    talk.say(clause("how do I report a lost card?", "report_lost_card", "asked"))
    talk.now += timedelta(days=3)
    assert talk.say(clause("yes", "affirm")).operations == []


@pytest.mark.parametrize(
    "words",
    [
        "my debit card is still here",
        "the credit card? I still have that",
        "I don't want to block the credit one",
        "信用卡还在我这里",
        "不要停借记卡",
    ],
)
def test_a_card_that_is_kept_is_not_the_one_to_block(words: str):
    talk = Talk(cards=[card("4411"), card("9920", "credit")])
    talk.say(clause("I lost my card", "report_lost_card"))
    turn = talk.say(clause(words, "statement", evidence=False, confidence=0.4))
    assert turn.operations == []
    assert turn.state.frame.waiting == "card"


def test_a_kept_card_in_the_report_itself_is_not_the_lost_one():
    talk = Talk(cards=[card("4411"), card("9920", "credit")])
    turn = talk.say(clause("I lost one of them, the credit card is still here", "report_lost_card"))
    assert turn.operations == []


def test_an_address_in_a_question_promises_no_call_back():
    talk = Talk(signed_in=False)
    queue = QueueState(since=MONDAY, reason="asked", asked_contact=True)
    talk.state = talk.state.model_copy(update={"queue": queue})
    turn = talk.say(clause("is support@example.com your address?", "ask_question", "asked"))
    assert turn.operations == ["knowledge.answer"]
    assert talk.say(text="anna@example.com").operations == ["call_back.promise"]


def test_what_was_left_takes_the_tasks_behind_it_along():
    talk = Talk()
    talk.say(
        clause("open a ticket", "open_ticket"),
        clause("and book me an appointment", "book_appointment"),
    )
    assert talk.state.frame.flow == "open_ticket"
    turn = talk.say(text="never mind")
    assert (turn.state.frame, turn.state.pending) == (None, ())


def test_a_task_that_a_handover_interrupted_can_be_taken_up():
    talk = Talk()
    talk.say(clause("I want to open a ticket", "open_ticket"))
    turn = talk.say(clause("a human please", "talk_to_person"))
    assert turn.operations == ["handoff.request"]
    assert talk.say(text="continue").state.frame.flow == "open_ticket"
