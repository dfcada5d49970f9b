"""The forms: what they take from a message, what they ask for again, and when a person takes over."""

from __future__ import annotations

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.dialogue import cards, handoff, knowledge, requests, tickets
from actions.dialogue.phrases import say
from actions.dialogue.turn import Reply, Turn, current_turn
from core.contacts import find_contact
from nlu.components.correction_patterns import corrected

_REFUSALS = frozenset({"deny", "goodbye", "restart", "talk_to_person"})
_DIGRESSIONS = frozenset(
    {
        "ask_question",
        "greet",
        "thank",
        "help",
        "repeat",
        "switch_language",
        "give_feedback",
        "report_lost_card",
    }
    | {"show_balance", "show_transactions", "show_cards", "show_loans", "show_holdings"}
)
SURE_REFUSAL = 0.6  # confidence from which a word that is no day, sum or number is a refusal
SURE = 0.3  # confidence from which another intent is believed while a form waits for its slot
_ASIDES = _DIGRESSIONS - {"ask_question", "give_feedback", "report_lost_card"}
SURE_ASIDE = 0.8  # confidence from which one of these is no description of a problem: “my balance is wrong” is one
ASKS = 2  # times that the same thing is asked for; then a person takes over
CORRECT = "correct"


def utter(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Keep a reply and hand Rasa its number, which comes back in the order of the turn."""
    turn = current_turn.get()
    if not turn.happened("handed_over"):
        dispatcher.utter_message(json_message={"reply": turn.keep_reply(reply)})


def latest_intent(tracker: Tracker) -> str:
    """The intent of the message being answered."""
    return (tracker.latest_message.get("intent") or {}).get("name") or ""


def _meant(tracker: Tracker, intents: frozenset[str], sure: float = SURE) -> bool:
    intent = tracker.latest_message.get("intent") or {}
    return intent.get("name") in intents and float(intent.get("confidence") or 0) >= sure


class OpenTicketForm(FormValidationAction):
    """Takes description, contact and confirmation from what is said, whichever comes first.

    Somebody who lost a card hears first what to do now.
    """

    def name(self) -> str:
        return "validate_open_ticket_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        """A signed-in customer is not asked for a contact."""
        return (
            [s for s in domain_slots if s != "ticket_contact"]
            if current_turn.get().signed_in
            else domain_slots
        )

    async def extract_ticket_description(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        turn = current_turn.get()
        if await choose_card(dispatcher, tracker):
            return {}
        if tracker.get_slot("ticket_description"):
            return put_right(tracker, "ticket_description", find_contact(turn.text))
        if tracker.get_slot("requested_slot") == "ticket_description":
            if await _leads_away(turn, tracker):
                return {}
            await protect_card(dispatcher, latest_intent(tracker))
            return {"ticket_description": (corrected(turn.text) or turn.text)[:5000]}
        if tracker.get_slot("requested_slot") is None:
            await protect_card(dispatcher, latest_intent(tracker))
            said = tickets.description_in(turn.text, latest_intent(tracker), turn.language)
            return {"ticket_description": said} if said else {}
        return {}

    async def extract_ticket_contact(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        turn = current_turn.get()
        if turn.signed_in:
            return {}
        if contact := find_contact(turn.text):
            return {"ticket_contact": contact}
        return await not_given(dispatcher, tracker, "ticket_contact", "bad_contact")

    async def extract_ticket_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return await confirmation(dispatcher, tracker)


async def confirmation(
    dispatcher: CollectingDispatcher, tracker: Tracker, slot: str = "ticket_confirmed"
) -> dict[str, Any]:
    """Yes or no to what was repeated; anything else that is no digression is asked for again."""
    if tracker.get_slot("requested_slot") == slot:
        chosen = (
            current_turn.get().happened("card_handled")
            and latest_intent(tracker) != "report_lost_card"
        )
        if chosen or latest_intent(tracker) == CORRECT:
            return {slot: None}  # of a form that is given nothing, Rasa drops what it said
        match latest_intent(tracker):
            case "affirm":
                return {slot: True}
            case "deny" | "goodbye" | "restart":
                return {slot: False}
    return await not_given(dispatcher, tracker, slot, "yes_or_no")


async def choose_card(dispatcher: CollectingDispatcher, tracker: Tracker) -> bool:
    """Whether the message names the card that was asked for; it is blocked then."""
    turn = current_turn.get()
    if latest_intent(tracker) == "report_lost_card" or turn.happened("answered"):
        return False
    if blocked := await cards.block_chosen_card(turn):
        utter(dispatcher, blocked)
    return blocked is not None


def put_right(tracker: Tracker, slot: str, other: str | None) -> dict[str, Any]:
    """At the confirmation, what a correcting message says instead; where it names `other`, that alone is put right."""
    turn = current_turn.get()
    if (
        tracker.get_slot("requested_slot") != "ticket_confirmed"
        or latest_intent(tracker) != CORRECT
        or other
    ):
        return {}
    instead, before = corrected(turn.text), str(tracker.get_slot(slot))
    if not instead:
        return {}
    whole = len(instead) >= len(before)  # else a part of it: “the one for April”
    return {
        slot: (
            instead if whole else say("put_right", turn.language, before=before, instead=instead)
        )[:5000]
    }


async def not_given(
    dispatcher: CollectingDispatcher, tracker: Tracker, slot: str, phrase: str
) -> dict[str, Any]:
    """When the form waits for the slot and the message was no digression, it is asked for again."""
    if tracker.get_slot("requested_slot") != slot or _meant(tracker, _REFUSALS | _DIGRESSIONS):
        return {}
    await ask_again(dispatcher, slot, Reply(say(phrase, current_turn.get().language)))
    return {slot: None}


async def ask_again(dispatcher: CollectingDispatcher, slot: str, needed: Reply) -> None:
    """Say what is needed; when that was said before, bring a person, and nothing more is said in this turn."""
    turn = current_turn.get()
    if turn.happened("asked_again"):  # a digression makes Rasa look for the slot twice
        return
    asked: dict[str, int] = turn.memory.get("asked", {})
    turn.memory["asked"] = {**asked, slot: asked.get(slot, 1) + 1}
    turn.note("asked_again")
    if turn.memory["asked"][slot] <= ASKS:
        utter(dispatcher, needed)
        return
    utter(dispatcher, await handoff.to_a_person(turn, "not understood"))
    turn.memory.pop("asked")
    turn.note("handed_over")


async def protect_card(dispatcher: CollectingDispatcher, intent: str) -> None:
    """A lost card is blocked at once; after a fraud, blocking is offered."""
    turn = current_turn.get()
    if intent == "report_lost_card":
        utter(dispatcher, await cards.block_reported_card(turn))
    elif intent == "report_fraud" and (offer := await cards.offer_block(turn)):
        utter(dispatcher, offer)


class TicketReferenceForm(FormValidationAction):
    """Takes a ticket's reference and its contact from what is said, in any order."""

    async def extract_followed_reference(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        turn = current_turn.get()
        if reference := tickets.reference_in(turn.text):
            return {"followed_reference": reference}
        return await not_given(dispatcher, tracker, "followed_reference", "bad_reference")

    async def extract_followed_contact(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        turn = current_turn.get()
        if contact := find_contact(tickets.REFERENCE.sub(" ", turn.text)):
            return {"followed_contact": contact}
        return await not_given(dispatcher, tracker, "followed_contact", "bad_contact")


class FollowTicketForm(TicketReferenceForm):
    """A customer's own tickets need nothing; a visitor gives reference and contact, in any order."""

    def name(self) -> str:
        return "validate_follow_ticket_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        turn = current_turn.get()
        needs_nothing = turn.signed_in or (
            not tracker.get_slot("followed_reference")
            and tracker.get_slot("requested_slot") is None
            and await tickets.has_tickets(turn)
        )
        return [] if needs_nothing else domain_slots


class ChangeTicketForm(TicketReferenceForm):
    """Adding to a ticket, or closing it: which one (unless there is only one), what to add, and a yes."""

    def name(self) -> str:
        return "validate_change_ticket_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        turn, reference = current_turn.get(), tracker.get_slot("followed_reference")
        if reference is None and turn.signed_in and not await tickets.active_tickets(turn):
            return []
        needed = ["followed_reference"]
        if reference and not await tickets.is_own(turn, reference):
            needed.append("followed_contact")
        if tracker.get_slot("ticket_step") == "add":
            needed.append("ticket_note")
        return [*needed, "ticket_confirmed"]

    async def extract_followed_reference(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        if tracker.get_slot("requested_slot") is None and not tickets.reference_in(
            current_turn.get().text
        ):
            active = await tickets.active_tickets(current_turn.get())
            return {"followed_reference": active[0].reference} if len(active) == 1 else {}
        if (
            tracker.get_slot("requested_slot") == "ticket_confirmed"
            and latest_intent(tracker) == CORRECT
        ):
            adding = (
                tracker.get_slot("ticket_step") == "add"
            )  # then the note is put right; else it is another ticket
            kept = tracker.get_slot("followed_reference") if adding else None
            return {"followed_reference": tickets.reference_in(current_turn.get().text) or kept}
        return await super().extract_followed_reference(dispatcher, tracker, domain)

    async def extract_ticket_note(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        turn = current_turn.get()
        match tracker.get_slot("requested_slot"):
            case "ticket_note":
                return (
                    {}
                    if _meant(tracker, _REFUSALS)
                    else {"ticket_note": (corrected(turn.text) or turn.text)[:5000]}
                )
            case "ticket_confirmed" if tracker.get_slot("ticket_note"):
                return put_right(tracker, "ticket_note", tickets.reference_in(turn.text))
            case None:
                said = tickets.note_in(turn.text, turn.language)
                return {"ticket_note": said} if said else {}
        return {}

    async def extract_ticket_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return await confirmation(dispatcher, tracker)


class RequestForm(FormValidationAction):
    """The one form of every kind of request: its fields are those of the catalogue's entry, whatever they are.

    Rasa holds for each field only whether it is answered.
    """

    def name(self) -> str:
        return "validate_request_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        count = await requests.field_count(current_turn.get())
        return [answer_slot(number) for number in range(count)] + ["request_confirmed"]

    async def extract_request_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return await confirmation(dispatcher, tracker, "request_confirmed")

    def __getattr__(self, name: str) -> Any:
        """How each field is taken from a message: rasa-sdk asks for a method of each slot's name."""
        number = name.removeprefix("extract_request_answer_")
        if number == name or not number.isdigit():
            raise AttributeError(name)

        async def extract(
            dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
        ) -> dict[str, Any]:
            return await _request_answer(dispatcher, tracker, int(number) - 1)

        return extract


def answer_slot(number: int) -> str:
    """The slot that says whether a field is answered."""
    return f"request_answer_{number + 1}"


async def _request_answer(
    dispatcher: CollectingDispatcher, tracker: Tracker, number: int
) -> dict[str, Any]:
    turn, slot = current_turn.get(), answer_slot(number)
    if await requests.field_at(turn, number) is None:
        return {}
    if tracker.get_slot("requested_slot") != slot or turn.happened("request_begun"):
        return (
            {slot: True}
            if await requests.is_answered(turn, number) and not tracker.get_slot(slot)
            else {}
        )
    wrong = await _taken(turn, tracker, number)
    if isinstance(wrong, Reply):
        await ask_again(dispatcher, slot, wrong)
        return {slot: None}
    return {} if wrong else {slot: True}


async def _taken(turn: Turn, tracker: Tracker, number: int) -> Reply | bool:
    """Take the message for a field: False when it was taken, True when it leads away, a reply that says what is wrong with it."""
    if await requests.is_typed(
        turn, number
    ):  # a day or a sum is an answer, whatever else its words are like
        wrong = await requests.answer(turn, number)
        return wrong is not None and (await _leads_away(turn, tracker, SURE_REFUSAL) or wrong)
    if not await requests.takes_a_no(turn, number) and await _leads_away(turn, tracker):
        return True
    return await requests.answer(turn, number) or False


async def _leads_away(turn: Turn, tracker: Tracker, sure: float = SURE) -> bool:
    """Whether the message is no answer but a refusal, an aside, or a question that an article answers."""
    aside = _meant(tracker, _REFUSALS, sure) or _meant(tracker, _ASIDES, SURE_ASIDE)
    return aside or await knowledge.is_answered_question(turn)
