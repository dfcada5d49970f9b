"""The stock action server that plain Rasa is measured with: every action of the domain says one fixed text.

Runs in Rasa's environment by `python -m rasa_sdk --actions bench.plain_rasa.actions`. Forms take each message as the slot
they wait for, so that a form turn costs plain Rasa the same calls as it costs ours.
"""

from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, SlotSet
from rasa_sdk.executor import CollectingDispatcher

DOMAIN = yaml.safe_load((Path(__file__).parent / "domain.yml").read_text(encoding="utf-8"))
FIXED = (
    "This is a fixed text of about the length that an answer has, so that both carry the same to the client. "
    * 3
)
END_OF_FORM = ("action_open_ticket", "action_cancel", "action_ticket_status")
SCRIPT = {"ticket_description": "text", "ticket_contact": "text", "ticket_confirmed": True}


class _Fixed:
    """What every action does; its name is the class's."""

    def name(self) -> str:
        return type(self).__name__

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        if self.name().startswith("validate_"):
            waiting = tracker.get_slot("requested_slot")
            return [SlotSet(waiting, SCRIPT.get(waiting, "text"))] if waiting else []
        dispatcher.utter_message(text=FIXED)
        return [AllSlotsReset()] if self.name() in END_OF_FORM else []


for _action in DOMAIN["actions"]:  # the server looks for subclasses of Action
    _name = _action if isinstance(_action, str) else next(iter(_action))
    globals()[_name] = type(_name, (_Fixed, Action), {})
