"rasa-sdk actions: thin, they read slots and hand over to the dialogue's functions. Each runs inside the turn's transaction."

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActiveLoop, AllSlotsReset, EventType, FollowupAction
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.dialogue import cards, customers, knowledge, people, tickets
from actions.dialogue.phrases import say
from actions.dialogue.turn import Reply, current_turn
from actions.tickets.contacts import find_contact

_REFUSALS = frozenset({"deny", "goodbye", "restart", "talk_to_person"})
_DIGRESSIONS = frozenset(
    {"ask_question", "greet", "thank", "help", "repeat", "switch_language", "give_feedback", "report_lost_card"}
    | {"show_balance", "show_transactions", "show_cards", "show_loans", "show_holdings"}
)
ASKS = 2  # times that the same thing is asked for; then a person takes over
SURE = 0.3  # confidence from which another intent is believed while a form waits for its slot


def make_executor() -> ActionExecutor:
    "An executor with every action of the domain."
    executor = ActionExecutor()
    for action in (AnswerQuestion, OpenTicketForm, AskDescription, AskContact, AskConfirmation, OpenTicket, Cancel,
                   FollowTicketForm, AskReference, AskFollowContact, TicketStatus, ChangeTicketForm, AskNote,
                   AskChangeConfirmation, ChangeTicket, ShowOwn, Recommend, TalkToPerson, Social, Restart,
                   ProtectCard):  # fmt: skip
        executor.register_action(action())
    return executor


def utter(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    "Keep a reply and hand Rasa its number, which comes back in the order of the turn."
    turn = current_turn.get()
    if turn.memory.get("handed_over") != str(turn.message_id):
        dispatcher.utter_message(json_message={"reply": turn.keep_reply(reply)})


def latest_intent(tracker: Tracker) -> str:
    "The intent of the message being answered."
    return (tracker.latest_message.get("intent") or {}).get("name") or ""


def _meant(tracker: Tracker, intents: frozenset[str]) -> bool:
    intent = tracker.latest_message.get("intent") or {}
    return intent.get("name") in intents and float(intent.get("confidence") or 0) >= SURE


class AnswerQuestion(Action):
    "Questions, and all that is not understood."

    def name(self) -> str:
        return "action_answer_question"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = current_turn.get()
        if turn.memory.get("answered") == str(turn.message_id):  # Rasa falls back here again and again
            return [FollowupAction("action_listen")]
        turn.memory["answered"] = str(turn.message_id)
        utter(dispatcher, await knowledge.answer(turn))
        return []


class OpenTicketForm(FormValidationAction):
    """Takes description, contact and confirmation from what is said, whichever comes first.

    Somebody who lost a card hears first what to do now.
    """

    def name(self) -> str:
        return "validate_open_ticket_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        "A signed-in customer is not asked for a contact."
        return [s for s in domain_slots if s != "ticket_contact"] if current_turn.get().signed_in else domain_slots

    async def extract_ticket_description(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        turn = current_turn.get()
        if tracker.get_slot("ticket_description"):
            return {}
        if tracker.get_slot("requested_slot") == "ticket_description":
            if _meant(tracker, _REFUSALS) or await knowledge.is_answered_question(turn):
                return {}
            await protect_card(dispatcher, latest_intent(tracker))
            return {"ticket_description": turn.text[:5000]}
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
        waiting = tracker.get_slot("requested_slot") == "ticket_contact"
        if waiting and not _meant(tracker, _REFUSALS | _DIGRESSIONS):
            await ask_again(dispatcher, "ticket_contact", "bad_contact")
            return {"ticket_contact": None}
        return {}

    async def extract_ticket_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return await confirmation(dispatcher, tracker)


async def confirmation(dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
    "Yes or no to what was repeated; anything else that is no digression is asked for again."
    if tracker.get_slot("requested_slot") != "ticket_confirmed":
        return {}
    match latest_intent(tracker):
        case "affirm":
            return {"ticket_confirmed": True}
        case "deny" | "goodbye" | "restart":
            return {"ticket_confirmed": False}
    if _meant(tracker, _DIGRESSIONS | _REFUSALS):
        return {}
    await ask_again(dispatcher, "ticket_confirmed", "yes_or_no")
    return {"ticket_confirmed": None}


async def ask_again(dispatcher: CollectingDispatcher, slot: str, phrase: str) -> None:
    "Say what is needed; when that was said before, bring a person, and nothing more is said in this turn."
    turn = current_turn.get()
    if turn.memory.get("asked_at") == str(turn.message_id):  # a digression makes Rasa look for the slot twice
        return
    asked: dict[str, int] = turn.memory.get("asked", {})
    turn.memory |= {"asked": {**asked, slot: asked.get(slot, 1) + 1}, "asked_at": str(turn.message_id)}
    if turn.memory["asked"][slot] <= ASKS:
        utter(dispatcher, Reply(say(phrase, turn.language)))
        return
    utter(dispatcher, await people.to_a_person(turn, "not understood"))
    turn.memory.pop("asked")
    turn.memory["handed_over"] = str(turn.message_id)


async def end_form(dispatcher: CollectingDispatcher, reply: Awaitable[Reply]) -> list[EventType]:
    "The last words of a form, after which nothing of it is left."
    utter(dispatcher, await reply)
    current_turn.get().memory.pop("asked", None)
    return [AllSlotsReset()]


async def protect_card(dispatcher: CollectingDispatcher, intent: str) -> None:
    "A lost card is blocked at once; after a fraud, blocking is offered."
    turn = current_turn.get()
    if intent == "report_lost_card":
        utter(dispatcher, await cards.block_reported_card(turn))
    elif intent == "report_fraud" and (offer := await cards.offer_block(turn)):
        utter(dispatcher, offer)


class ProtectCard(Action):
    "A card is reported lost in the middle of something else."

    def name(self) -> str:
        return "action_protect_card"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        await protect_card(dispatcher, "report_lost_card")
        return []


class AskDescription(Action):
    "Ask what it is about."

    def name(self) -> str:
        return "action_ask_open_ticket_form_ticket_description"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = current_turn.get()
        utter(dispatcher, Reply(say("ask_description", turn.language)))
        return []


class AskContact(Action):
    "Ask a visitor how to be reached."

    def name(self) -> str:
        return "action_ask_open_ticket_form_ticket_contact"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = current_turn.get()
        utter(dispatcher, Reply(say("ask_contact", turn.language)))
        return []


class AskConfirmation(Action):
    "Repeat and ask for a yes."

    def name(self) -> str:
        return "action_ask_open_ticket_form_ticket_confirmed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = current_turn.get()
        contact = None if turn.signed_in else tracker.get_slot("ticket_contact")
        utter(dispatcher, tickets.ask_confirmation(turn, tracker.get_slot("ticket_description"), contact))
        return []


class OpenTicket(Action):
    "Write the ticket after a yes."

    def name(self) -> str:
        return "action_open_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = current_turn.get()

        async def reply() -> Reply:
            if not tracker.get_slot("ticket_confirmed"):
                return Reply(say("ticket_not_opened", turn.language))
            return await tickets.write_ticket(
                turn, tracker.get_slot("ticket_description"), tracker.get_slot("ticket_kind"),
                tracker.get_slot("ticket_contact"),
            )  # fmt: skip

        return await end_form(dispatcher, reply())


class Cancel(Action):
    "Leave a form; nothing was written."

    def name(self) -> str:
        return "action_cancel"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        opening = (tracker.active_loop or {}).get("name") == "open_ticket_form"
        current_turn.get().memory.pop("asked", None)
        utter(dispatcher, Reply(say("ticket_not_opened" if opening else "left_alone", current_turn.get().language)))
        return [AllSlotsReset()]


class TicketReferenceForm(FormValidationAction):
    "Takes a ticket's reference and its contact from what is said, in any order."

    async def extract_followed_reference(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        turn = current_turn.get()
        if reference := tickets.reference_in(turn.text):
            return {"followed_reference": reference}
        waiting = tracker.get_slot("requested_slot") == "followed_reference"
        if waiting and not _meant(tracker, _REFUSALS | _DIGRESSIONS):
            await ask_again(dispatcher, "followed_reference", "bad_reference")
            return {"followed_reference": None}
        return {}

    async def extract_followed_contact(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        turn = current_turn.get()
        if contact := find_contact(tickets.REFERENCE.sub(" ", turn.text)):
            return {"followed_contact": contact}
        waiting = tracker.get_slot("requested_slot") == "followed_contact"
        if waiting and not _meant(tracker, _REFUSALS | _DIGRESSIONS):
            await ask_again(dispatcher, "followed_contact", "bad_contact")
            return {"followed_contact": None}
        return {}


class FollowTicketForm(TicketReferenceForm):
    "A customer's own tickets need nothing; a visitor gives reference and contact, in any order."

    def name(self) -> str:
        return "validate_follow_ticket_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[str]:
        turn = current_turn.get()
        needs_nothing = turn.signed_in or (
            not tracker.get_slot("followed_reference")
            and tracker.get_slot("requested_slot") is None
            and await tickets.has_tickets(turn)
        )
        return [] if needs_nothing else domain_slots


class ChangeTicketForm(TicketReferenceForm):
    "Adding to a ticket, or closing it: which one (unless there is only one), what to add, and a yes."

    def name(self) -> str:
        return "validate_change_ticket_form"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
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
        if tracker.get_slot("requested_slot") is None and not tickets.reference_in(current_turn.get().text):
            active = await tickets.active_tickets(current_turn.get())
            return {"followed_reference": active[0].reference} if len(active) == 1 else {}
        return await super().extract_followed_reference(dispatcher, tracker, domain)

    async def extract_ticket_note(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        turn = current_turn.get()
        match tracker.get_slot("requested_slot"):
            case "ticket_note":
                return {} if _meant(tracker, _REFUSALS) else {"ticket_note": turn.text[:5000]}
            case None:
                said = tickets.note_in(turn.text, turn.language)
                return {"ticket_note": said} if said else {}
        return {}

    async def extract_ticket_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return await confirmation(dispatcher, tracker)


class AskNote(Action):
    "Ask what to add."

    def name(self) -> str:
        return "action_ask_ticket_note"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, Reply(say("ask_note", current_turn.get().language)))
        return []


class AskChangeConfirmation(Action):
    "Repeat the change and ask for a yes."

    def name(self) -> str:
        return "action_ask_change_ticket_form_ticket_confirmed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, await tickets.ask_change(current_turn.get(), *_change_of(tracker)))
        return []


class ChangeTicket(Action):
    "Write the change after a yes."

    def name(self) -> str:
        return "action_change_ticket"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = current_turn.get()
        reference, contact, note = _change_of(tracker)

        async def reply() -> Reply:
            if reference is not None and not tracker.get_slot("ticket_confirmed"):
                return Reply(say("left_alone", turn.language))
            return await tickets.change_ticket(turn, reference, contact, note)

        return await end_form(dispatcher, reply())


def _change_of(tracker: Tracker) -> tuple[Any, Any, Any]:
    "Reference, contact and note of a change; no note when the ticket is to be closed."
    note = tracker.get_slot("ticket_note") if tracker.get_slot("ticket_step") == "add" else None
    return tracker.get_slot("followed_reference"), tracker.get_slot("followed_contact"), note


class AskReference(Action):
    "Ask which ticket."

    def name(self) -> str:
        return "action_ask_followed_reference"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, await tickets.ask_reference(current_turn.get()))
        return []


class AskFollowContact(Action):
    "Ask for the contact that the ticket was opened with."

    def name(self) -> str:
        return "action_ask_followed_contact"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, Reply(say("ask_follow_contact", current_turn.get().language)))
        return []


class TicketStatus(Action):
    "Tell where tickets stand."

    def name(self) -> str:
        return "action_ticket_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = current_turn.get()
        reference, contact = tracker.get_slot("followed_reference"), tracker.get_slot("followed_contact")
        return await end_form(dispatcher, tickets.tell_state(turn, reference, contact))


class ShowOwn(Action):
    "Show the signed-in customer's own data."

    def name(self) -> str:
        return "action_show_own"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, await customers.show_own(current_turn.get(), latest_intent(tracker)))
        return []


class Recommend(Action):
    "Recommend what suits."

    def name(self) -> str:
        return "action_recommend"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        entities = {e["entity"]: str(e["value"]) for e in tracker.latest_message.get("entities") or []}
        utter(dispatcher, await customers.recommend_products(current_turn.get(), entities))
        return []


class TalkToPerson(Action):
    "Bring the customer to a person."

    def name(self) -> str:
        return "action_talk_to_person"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, await people.to_a_person(current_turn.get()))
        return [AllSlotsReset()]


class Social(Action):
    "Greetings and the like."

    def name(self) -> str:
        return "action_social"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, people.social(current_turn.get(), latest_intent(tracker)))
        return []


class Restart(Action):
    "Forget what was begun."

    def name(self) -> str:
        return "action_restart"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, people.social(current_turn.get(), "restart"))
        return [ActiveLoop(None), AllSlotsReset()]
