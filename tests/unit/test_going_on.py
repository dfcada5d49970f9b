"""Tasks that the conversation goes on without, and requests that are sent before all is told."""

from __future__ import annotations

from uuid import uuid4

import pytest

from actions.customers.models import Account
from actions.tickets.ticket_config.service import default_services
from assistant.dialogue.commands import AnswerQuestion, Cancel, PassOn, StartFlow
from assistant.dialogue.flows.catalogue_flows import flows_of_services
from assistant.dialogue.readings import Clause
from tests.dialogue import Talk, card, clause, shipped_flows

SERVICES = default_services()


def talk(language="en", **kwargs):
    base = shipped_flows()
    flows = base.model_copy(update={"flows": {**base.flows, **flows_of_services(SERVICES)}})
    return Talk(language, flows=flows, **kwargs)


def current(iban="DE02120300000000202051"):
    return Account(id=uuid4(), kind="current", iban=iban)


def savings():
    return Account(id=uuid4(), kind="savings", iban="DE02500105170137075030")


def begun_by_itself(chat):
    """A ticket that nobody asked for by name, waiting for its yes."""
    start = StartFlow(
        flow="open_ticket",
        slots={"description": "a fee is in my statement twice"},
        text="a fee is in my statement twice",
        suggested=True,
    )
    turn = chat.take([start])
    assert turn.state.frame.suggested
    assert turn.state.frame.waiting == "confirmation"


def test_a_suggested_ticket_is_left_for_a_question_without_a_word():
    chat = talk()
    begun_by_itself(chat)
    turn = chat.say(clause("how long does a transfer take?", "ask_question"))
    assert turn.state.frame is None
    assert [type(one) for one in turn.commands] == [Cancel, AnswerQuestion]
    assert turn.text == "[knowledge.answer]"


def test_a_suggested_ticket_is_sent_by_a_yes_and_left_by_a_no():
    for words, operations in (("yes, do send it", ["tickets.open"]), ("no thanks", [])):
        chat = talk()
        begun_by_itself(chat)
        turn = chat.say(clause(words, "affirm" if operations else "deny"))
        assert turn.operations == operations
        assert turn.state.frame is None


def test_further_details_belong_to_a_suggested_ticket():
    chat = talk()
    begun_by_itself(chat)
    turn = chat.say(clause("it was on the second of May and again on the ninth", "statement"))
    assert "the ninth" in turn.state.frame.value("description")


def test_a_request_without_its_thing_takes_it_from_the_clause_beside_it():
    chat = talk(accounts=[current()])
    turn = chat.say(
        clause("I sent it to the wrong person", "statement", services=("payment-recall",)),
        clause("get it back for me", "open_ticket"),
    )
    assert turn.state.frame.flow == "service.payment-recall"


def test_of_two_entries_the_one_spoken_of_beside_is_meant():
    chat = talk()
    turn = chat.say(
        clause("the limit of my card is too low", "statement", services=("card-limit",)),
        clause("put it up", "open_ticket", services=("adviser-call", "card-limit")),
    )
    assert turn.state.frame.flow == "service.card-limit"


def test_closing_something_that_is_no_ticket_is_a_service():
    chat = talk(accounts=[current(), savings()])
    turn = chat.say(clause("I want it closed", "close_ticket", services=("account-closure",)))
    assert turn.state.frame.flow == "service.account-closure"


def test_a_payment_is_taken_for_one_of_the_only_current_account_and_shown_so():
    chat = talk(accounts=[savings(), current()])
    turn = chat.say(
        clause("please give me the fee back", "open_ticket", services=("fee-reversal",))
    )
    assert turn.state.frame.waiting == "amount"
    assert turn.state.frame.value("account") == str(chat.accounts[1].id)


def test_an_account_to_be_closed_is_asked_for():
    chat = talk(accounts=[savings(), current()])
    turn = chat.say(clause("please close my account", "open_ticket", services=("account-closure",)))
    assert turn.state.frame.waiting == "account"


def asked_in_vain(words: Clause):
    chat = talk(accounts=[current()])
    chat.say(clause("trace my transfer of 80 euros", "open_ticket", services=("payment-trace",)))
    chat.say(clause("to my old landlord, Mr Brown", "statement"))
    return chat, chat.say(words)


@pytest.mark.parametrize("words", ["go ahead and submit it", "please send it off now"])
def test_an_incomplete_request_is_passed_on_when_the_customer_says_to_send_it(words):
    _, turn = asked_in_vain(clause(words, "affirm"))
    assert [type(one) for one in turn.commands] == [PassOn]
    assert turn.operations == ["tickets.open"]
    description = turn.calls[0].arguments["description"]
    assert "trace my transfer of 80 euros" in description
    assert "Mr Brown" in description
    assert turn.state.frame is None


def test_a_request_that_ends_something_is_never_passed_on_unfinished():
    chat = talk(accounts=[savings(), current()])
    chat.say(clause("please close my account", "open_ticket", services=("account-closure",)))
    chat.say(clause("I have told you why", "statement"))
    turn = chat.say(clause("submit it please", "affirm"))
    assert turn.operations == []


def test_a_consent_is_no_note():
    chat = talk(tickets=[])
    chat.take([StartFlow(flow="open_ticket", slots={}, text="open a ticket")])
    assert chat.state.frame.waiting == "description"
    turn = chat.say(clause("Yes, that reads very well, do send it.", "affirm"))
    assert turn.operations == []
    assert turn.state.frame.waiting == "description"


def test_a_fraud_report_does_not_begin_on_a_transfer_that_is_to_be_traced():
    chat = talk()
    turn = chat.say(
        clause(
            "my transfer to Singapore is not there yet, trace it", "report_fraud", confidence=0.8
        )
    )
    assert turn.state.frame is None
    turn = chat.say(clause("a stranger has used my card twice", "report_fraud", confidence=0.8))
    assert turn.state.frame.flow == "report_fraud"


def test_a_lock_for_a_time_is_asked_for_in_so_many_words():
    chat = talk(cards=[card("4411"), card("9004", kind="credit")])
    turn = chat.say(
        clause("freeze that card for a few days", "ask_question", "asked", confidence=0.5)
    )
    assert turn.state.frame.flow == "service.card-lock"


def test_a_guess_locks_no_card_and_offers_it():
    chat = talk(cards=[card("4411")])
    turn = chat.say(
        clause("freeze that card for a few days", "ask_question", "asked", confidence=0.5)
    )
    assert turn.operations == ["knowledge.answer"]
    assert turn.calls[0].arguments["suggest"] == ["service.card-lock"]


def test_what_is_denied_beside_a_request_is_not_what_it_asks_for():
    chat = talk(cards=[card("4411")])
    turn = chat.say(
        clause("I need no new card", "open_ticket", "negated", services=("card-replacement",)),
        clause("help me out", "open_ticket", confidence=0.7),
    )
    assert turn.state.frame is None or turn.state.frame.flow != "service.card-replacement"


def test_an_email_address_says_what_changes():
    chat = talk()
    turn = chat.say(clause("please put down ann.lee@mail.example for me", "change_contact_details"))
    assert turn.state.frame.waiting == "confirmation"
    assert turn.state.frame.value("detail") == "email"


def test_a_name_that_lacks_a_letter_blocks_no_card():
    chat = talk(cards=[card("4411")])
    turn = chat.say(clause("there is an l missing", "report_lost_card"))
    assert turn.operations == ["knowledge.answer"]
