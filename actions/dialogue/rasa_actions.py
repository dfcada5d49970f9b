"rasa-sdk actions: thin, they read slots and hand over to the dialogue's functions. Each runs inside the turn's transaction."

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import ActiveLoop, AllSlotsReset, EventType, SlotSet
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.dialogue import customers, knowledge, people, tickets
from actions.dialogue.phrases import say
from actions.dialogue.turn import Reply, current_turn
from actions.tickets.contacts import find_contact

_REFUSALS = frozenset({"deny", "goodbye", "restart", "talk_to_person"})
_DIGRESSIONS = frozenset(
    {"ask_question", "greet", "thank", "help", "repeat", "switch_language", "give_feedback"}
    | {"show_balance", "show_transactions", "show_cards", "show_loans", "show_holdings"}
)
SURE = 0.3  # confidence from which another intent is believed while a form waits for its slot


def make_executor() -> ActionExecutor:
    "An executor with every action of the domain."
    executor = ActionExecutor()
    for action in (AnswerQuestion, OpenTicketForm, AskDescription, AskContact, AskConfirmation, OpenTicket, Cancel,
                   FollowTicketForm, AskReference, AskFollowContact, TicketStatus, ShowOwn, Recommend, TalkToPerson,
                   Social, Restart):  # fmt: skip
        executor.register_action(action())
    return executor


def utter(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    "Keep a reply and hand Rasa its number, which comes back in the order of the turn."
    dispatcher.utter_message(json_message={"reply": current_turn.get().keep_reply(reply)})


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
            return {} if _meant(tracker, _REFUSALS) else {"ticket_description": turn.text[:5000]}
        if tracker.get_slot("requested_slot") is None:
            if latest_intent(tracker) == "report_lost_card":
                utter(dispatcher, Reply(say("lost_card_first", turn.language)))
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
            utter(dispatcher, Reply(say("bad_contact", turn.language)))
            return {"ticket_contact": None}
        return {}

    async def extract_ticket_confirmed(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        if tracker.get_slot("requested_slot") != "ticket_confirmed":
            return {}
        turn = current_turn.get()
        match latest_intent(tracker):
            case "affirm":
                return {"ticket_confirmed": True}
            case "deny" | "goodbye" | "restart":
                return {"ticket_confirmed": False}
        if _meant(tracker, _DIGRESSIONS | _REFUSALS):
            return {}
        utter(dispatcher, Reply(say("yes_or_no", turn.language)))
        return {"ticket_confirmed": None}


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
        if tracker.get_slot("ticket_confirmed"):
            reply = await tickets.write_ticket(
                turn, tracker.get_slot("ticket_description"), tracker.get_slot("ticket_kind"),
                tracker.get_slot("ticket_contact"),
            )  # fmt: skip
        else:
            reply = Reply(say("ticket_not_opened", turn.language))
        utter(dispatcher, reply)
        return [AllSlotsReset()]


class Cancel(Action):
    "Leave a form; nothing was written."

    def name(self) -> str:
        return "action_cancel"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, Reply(say("ticket_not_opened", current_turn.get().language)))
        return [AllSlotsReset()]


class FollowTicketForm(FormValidationAction):
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

    async def extract_followed_reference(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        turn = current_turn.get()
        if reference := tickets.reference_in(turn.text):
            return {"followed_reference": reference}
        waiting = tracker.get_slot("requested_slot") == "followed_reference"
        if waiting and not _meant(tracker, _REFUSALS | _DIGRESSIONS):
            utter(dispatcher, Reply(say("bad_reference", turn.language)))
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
            utter(dispatcher, Reply(say("bad_contact", turn.language)))
            return {"followed_contact": None}
        return {}


class AskReference(Action):
    "Ask which ticket."

    def name(self) -> str:
        return "action_ask_follow_ticket_form_followed_reference"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, Reply(say("ask_reference", current_turn.get().language)))
        return []


class AskFollowContact(Action):
    "Ask for the contact that the ticket was opened with."

    def name(self) -> str:
        return "action_ask_follow_ticket_form_followed_contact"

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
        utter(dispatcher, await tickets.tell_state(turn, reference, contact))
        return [SlotSet("followed_reference", None), SlotSet("followed_contact", None)]


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
