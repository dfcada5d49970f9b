"rasa-sdk actions: thin, they read slots and hand over to the dialogue's functions. Each runs inside the turn's transaction."

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, AllSlotsReset, EventType, FollowupAction
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.dialogue import customers, knowledge, people, tickets
from actions.dialogue.phrases import say
from actions.dialogue.rasa_forms import (
    ChangeTicketForm,
    FollowTicketForm,
    OpenTicketForm,
    latest_intent,
    protect_card,
    utter,
)  # fmt: skip
from actions.dialogue.turn import Reply, current_turn


def make_executor() -> ActionExecutor:
    "An executor with every action of the domain."
    executor = ActionExecutor()
    for action in (
        AnswerQuestion(), OpenTicketForm(), AskConfirmation(), OpenTicket(), Cancel(), FollowTicketForm(), AskReference(),
        TicketStatus(), ChangeTicketForm(), AskChangeConfirmation(), ChangeTicket(), ShowOwn(), Recommend(), TalkToPerson(),
        Social(), Restart(), ProtectCard(), Ask("open_ticket_form_ticket_description", "ask_description"),
        Ask("open_ticket_form_ticket_contact", "ask_contact"), Ask("ticket_note", "ask_note"),
        Ask("followed_contact", "ask_follow_contact"),
    ):  # fmt: skip
        executor.register_action(action)
    return executor


class AnswerQuestion(Action):
    "Questions, and all that is not understood."

    def name(self) -> str:
        return "action_answer_question"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        turn = current_turn.get()
        if turn.happened("answered"):  # Rasa falls back here again and again
            return [FollowupAction("action_listen")]
        turn.note("answered")
        utter(dispatcher, await knowledge.answer(turn))
        return []


class Ask(Action):
    "Ask for a slot with one phrase."

    def __init__(self, slot: str, phrase: str) -> None:
        self._slot, self._phrase = slot, phrase

    def name(self) -> str:
        return f"action_ask_{self._slot}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        utter(dispatcher, Reply(say(self._phrase, current_turn.get().language)))
        return []


async def end_form(dispatcher: CollectingDispatcher, reply: Awaitable[Reply]) -> list[EventType]:
    "The last words of a form, after which nothing of it is left."
    utter(dispatcher, await reply)
    current_turn.get().memory.pop("asked", None)
    return [AllSlotsReset()]


class ProtectCard(Action):
    "A card is reported lost in the middle of something else."

    def name(self) -> str:
        return "action_protect_card"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[EventType]:
        await protect_card(dispatcher, "report_lost_card")
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
