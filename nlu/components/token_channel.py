"""Rasa's REST channel behind a token: only our service may speak to the dialogue."""

from __future__ import annotations

import hmac
from typing import Any, Awaitable, Callable, Dict, Optional, Text

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.rest import RestInput
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse


class TokenRestInput(RestInput):
    """The stock channel, refusing requests without the configured bearer token."""

    @classmethod
    def name(cls) -> Text:
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "TokenRestInput":
        return cls(str((credentials or {})["token"]))

    def __init__(self, token: Text) -> None:
        self._expected = f"Bearer {token}"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        """The stock routes with the check in front of them."""
        routes = super().blueprint(on_new_message)

        @routes.middleware("request")
        async def refuse_strangers(request: Request) -> Optional[HTTPResponse]:
            given = request.headers.get("Authorization", "")
            return (
                None
                if hmac.compare_digest(given, self._expected)
                else response.json({"error": "token"}, 401)
            )

        @routes.route("/parse", methods=["POST"])
        async def parse(request: Request) -> HTTPResponse:
            """As /model/parse, with the metadata in which the text's vector comes along."""
            message = UserMessage(str(request.json["text"]), metadata=self.get_metadata(request))
            return response.json(await request.app.ctx.agent.processor.parse_message(message))

        return routes

    def get_metadata(self, request: Request) -> Optional[Dict[Text, Any]]:
        """What our service sends beside the text."""
        return request.json.get("metadata") if isinstance(request.json, dict) else None
