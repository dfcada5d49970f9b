"""rasa-sdk actions: thin, they read slots and hand over to the dialogue's functions. Each runs inside the turn's transaction."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, AllSlotsReset, EventType, FollowupAction
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.dialogue import (
    cards,
    customers,
    disambiguation,
    handoff,
    knowledge,
    offers,
    requests,
    tickets,
)
from actions.dialogue.entities import named_in
from actions.dialogue.phrases import say
from actions.dialogue.rasa_forms import (
    ChangeTicketForm,
    FollowTicketForm,
    OpenTicketForm,
    RequestForm,
    answer_slot,
    latest_intent,
    protect_card,
    utter,
)
from actions.dialogue.turn import Reply, Turn, current_turn, form
from actions.tickets.ticket_config.contents import MAX_FIELDS

CLOSE = 2  # likely intents between which is asked


def make_executor() -> ActionExecutor:
    """An executor with every action of the domain."""
    executor = ActionExecutor()
    for action in (
        AnswerQuestion(),
        OpenTicketForm(),
        AskConfirmation(),
        OpenTicket(),
        Cancel(),
        FollowTicketForm(),
        AskReference(),
        TicketStatus(),
        ChangeTicketForm(),
        AskChangeConfirmation(),
        ChangeTicket(),
        ShowOwn(),
        Recommend(),
        TalkToPerson(),
        Social(),
        Restart(),
        ProtectCard(),
        AskMeaning(),
        Correct(),
        Ask("open_ticket_form_ticket_description", "ask_description", "description", "contact"),
        Ask("open_ticket_form_ticket_contact", "ask_contact", "contact"),
        Ask("ticket_note", "ask_note"),
        Ask("followed_contact", "ask_follow_contact"),
        BeginRequest(),
        AskRequestConfirmation(),
        RequestService(),
        RequestForm(),
        *(AskField(number) for number in range(MAX_FIELDS)),
    ):
        executor.register_action(action)
    return executor


class AnswerQuestion(Action):
    """Questions, and all that is not understood."""

    def name(self) -> str:
        return "action_answer_question"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()
        if turn.happened("answered"):  # Rasa falls back here again and again
            return [FollowupAction("action_listen")]
        turn.note("answered")
        if not tracker.active_loop_name and (code := await requests.asked_for(turn)):
            return await begin_request(dispatcher, turn, [code])
        replies = await _answers(turn, tracker)
        if not tracker.active_loop_name:
            await requests.offer_beside(turn, replies)
        for reply in replies:
            utter(dispatcher, reply)
        return []


async def _answers(turn: Turn, tracker: Tracker) -> list[Reply]:
    """What a message that is no task of its own asks: a card that was to be chosen, more of what was shown, or an article."""
    if blocked := await cards.block_chosen_card(turn):
        return [blocked]
    named = named_in(tracker, turn)
    if view := customers.meant_view(turn, named):
        return [await customers.show_own(turn, view, named)]
    return await knowledge.answer(turn, about_the_bank=latest_intent(tracker) != "out_of_scope")


async def begin_request(
    dispatcher: CollectingDispatcher, turn: Turn, codes: list[str]
) -> list[EventType]:
    """Go into the form of a request; asked which, when the message may mean two."""
    if len(codes) > 1:
        utter(
            dispatcher,
            Reply(
                say("request_which", turn.language),
                quick_replies=await requests.offers(turn, codes),
            ),
        )
        return []
    if refused := await requests.begin(turn, codes[0]):
        utter(dispatcher, refused)
        return []
    turn.note("request_begun")
    return [FollowupAction("request_form")]


class BeginRequest(Action):
    """Something is to be done: a request of the catalogue, if the message names one, else a ticket in free words."""

    def name(self) -> str:
        return "action_begin_request"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()
        codes = (
            [] if tickets.asks_for_ticket(turn.text, turn.language) else await requests.find(turn)
        )
        if codes:
            return await begin_request(dispatcher, turn, codes)
        return [FollowupAction("open_ticket_form")]


class AskField(Action):
    """Ask for a field of the request."""

    def __init__(self, number: int) -> None:
        self._number = number

    def name(self) -> str:
        return f"action_ask_{answer_slot(self._number)}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        utter(dispatcher, await requests.ask(current_turn.get(), self._number))
        return []


class AskRequestConfirmation(Action):
    """Repeat the request and ask for a yes."""

    def name(self) -> str:
        return "action_ask_request_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        utter(dispatcher, await requests.repeat(current_turn.get()))
        return []


class RequestService(Action):
    """Write the request after a yes."""

    def name(self) -> str:
        return "action_request_service"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()

        async def reply() -> Reply:
            if not tracker.get_slot("request_confirmed"):
                requests.forget(turn)
                return Reply(say("left_alone", turn.language))
            return await requests.write(turn)

        return await end_form(dispatcher, reply())


class AskMeaning(Action):
    """Two tasks are about as likely: ask which."""

    def name(self) -> str:
        return "action_ask_meaning"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()
        if code := await requests.tapped(turn):
            return await begin_request(dispatcher, turn, [code])
        ranking = tracker.latest_message.get("intent_ranking") or []
        if blocked := await cards.block_chosen_card(turn):
            utter(dispatcher, blocked)
            return []
        for reply in await disambiguation.ask_meaning(
            turn, [entry["name"] for entry in ranking[:CLOSE]]
        ):
            utter(dispatcher, reply)
        return []


class Correct(Action):
    """Something is put right outside a form."""

    def name(self) -> str:
        return "action_correct"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        for reply in await _answers(current_turn.get(), tracker):
            utter(dispatcher, reply)
        return []


class Ask(Action):
    """Ask for a slot with one phrase."""

    def __init__(self, slot: str, phrase: str, *fields: str) -> None:
        self._slot, self._phrase, self._fields = slot, phrase, fields

    def name(self) -> str:
        return f"action_ask_{self._slot}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()
        asked = tickets.fields_for(turn, self._fields)
        utter(
            dispatcher,
            Reply(say(self._phrase, turn.language), actions=[form(asked)] if asked else []),
        )
        return []


async def end_form(dispatcher: CollectingDispatcher, reply: Awaitable[Reply]) -> list[EventType]:
    """The last words of a form, after which nothing of it is left."""
    utter(dispatcher, await reply)
    current_turn.get().memory.pop("asked", None)
    return [AllSlotsReset()]


class ProtectCard(Action):
    """A card is reported lost in the middle of something else."""

    def name(self) -> str:
        return "action_protect_card"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        await protect_card(dispatcher, "report_lost_card")
        return []


class AskConfirmation(Action):
    """Repeat and ask for a yes."""

    def name(self) -> str:
        return "action_ask_open_ticket_form_ticket_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()
        contact = None if turn.signed_in else tracker.get_slot("ticket_contact")
        utter(
            dispatcher,
            tickets.ask_confirmation(turn, tracker.get_slot("ticket_description"), contact),
        )
        return []


class OpenTicket(Action):
    """Write the ticket after a yes."""

    def name(self) -> str:
        return "action_open_ticket"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()

        async def reply() -> Reply:
            if not tracker.get_slot("ticket_confirmed"):
                return Reply(say("ticket_not_opened", turn.language))
            return await tickets.write_ticket(
                turn,
                tracker.get_slot("ticket_description"),
                tracker.get_slot("ticket_kind"),
                tracker.get_slot("ticket_contact"),
            )

        return await end_form(dispatcher, reply())


class Cancel(Action):
    """Leave a form; nothing was written."""

    def name(self) -> str:
        return "action_cancel"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        opening = (tracker.active_loop or {}).get("name") == "open_ticket_form"
        current_turn.get().memory.pop("asked", None)
        requests.forget(current_turn.get())
        utter(
            dispatcher,
            Reply(
                say("ticket_not_opened" if opening else "left_alone", current_turn.get().language)
            ),
        )
        return [AllSlotsReset()]


class AskChangeConfirmation(Action):
    """Repeat the change and ask for a yes."""

    def name(self) -> str:
        return "action_ask_change_ticket_form_ticket_confirmed"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        utter(dispatcher, await tickets.ask_change(current_turn.get(), *_change_of(tracker)))
        return []


class ChangeTicket(Action):
    """Write the change after a yes."""

    def name(self) -> str:
        return "action_change_ticket"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()
        reference, contact, note = _change_of(tracker)

        async def reply() -> Reply:
            if reference is not None and not tracker.get_slot("ticket_confirmed"):
                return Reply(say("left_alone", turn.language))
            return await tickets.change_ticket(turn, reference, contact, note)

        return await end_form(dispatcher, reply())


def _change_of(tracker: Tracker) -> tuple[Any, Any, Any]:
    """Reference, contact and note of a change; no note when the ticket is to be closed."""
    note = tracker.get_slot("ticket_note") if tracker.get_slot("ticket_step") == "add" else None
    return tracker.get_slot("followed_reference"), tracker.get_slot("followed_contact"), note


class AskReference(Action):
    """Ask which ticket."""

    def name(self) -> str:
        return "action_ask_followed_reference"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        utter(dispatcher, await tickets.ask_reference(current_turn.get()))
        return []


class TicketStatus(Action):
    """Tell where tickets stand."""

    def name(self) -> str:
        return "action_ticket_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()
        reference = tracker.get_slot("followed_reference") or tickets.reference_in(turn.text)
        contact = tracker.get_slot("followed_contact")
        return await end_form(dispatcher, tickets.tell_state(turn, reference, contact))


class ShowOwn(Action):
    """Show the signed-in customer's own data."""

    def name(self) -> str:
        return "action_show_own"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()
        if not tracker.active_loop_name and (code := await requests.tapped(turn)):
            return await begin_request(dispatcher, turn, [code])
        blocked = await cards.block_chosen_card(turn)
        utter(
            dispatcher,
            blocked
            or await customers.show_own(turn, latest_intent(tracker), named_in(tracker, turn)),
        )
        return []


class Recommend(Action):
    """Recommend what suits."""

    def name(self) -> str:
        return "action_recommend"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn = current_turn.get()
        utter(dispatcher, await customers.recommend_products(turn, named_in(tracker, turn)))
        return []


class TalkToPerson(Action):
    """Bring the customer to a person."""

    def name(self) -> str:
        return "action_talk_to_person"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        utter(dispatcher, await handoff.to_a_person(current_turn.get()))
        return [AllSlotsReset()]


class Social(Action):
    """Greetings and the like."""

    def name(self) -> str:
        return "action_social"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        turn, intent = current_turn.get(), latest_intent(tracker)
        utter(dispatcher, handoff.social(turn, intent))
        if (
            intent in ("thank", "goodbye")
            and not tracker.active_loop_name
            and (offer := await offers.beside(turn))
        ):
            utter(dispatcher, offer)
        return []


class Restart(Action):
    """Forget what was begun."""

    def name(self) -> str:
        return "action_restart"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        utter(dispatcher, handoff.social(current_turn.get(), "restart"))
        return [ActiveLoop(None), AllSlotsReset()]
