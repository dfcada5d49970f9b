"""The bank as a test talks to it: over HTTP, as a customer, an employee or an application."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from core.clock import utc_now
from core.tokens import IDENTITY_AUDIENCE, sign_token

Answer = dict[str, Any]
# The smallest picture: one pixel.
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
    b"\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0\x00\x00\x00\x00IEND\xaeB`\x82"
)


class Bank:
    """The served product."""

    def __init__(self, demo: Answer, folder: Path) -> None:
        self.demo, self.folder = demo, folder
        self.url: str = demo["base_url"]
        self.http = httpx.Client(base_url=self.url, timeout=30)
        self._tokens: dict[str, str] = {}

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> httpx.Response:
        """Any request."""
        head = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            head["Authorization"] = f"Bearer {token}"
        return self.http.request(method, path, json=body, headers=head)

    def get(self, path: str, token: str | None = None, status: int = 200) -> Any:
        """What a path answers."""
        return checked(self.call("GET", path, None, token), status)

    def post(
        self, path: str, body: Any, token: str | None = None, status: int = 200, **headers: str
    ) -> Any:
        """What a post answers."""
        return checked(self.call("POST", path, body, token, **headers), status)

    def staff(self, role: str) -> str:
        """A token of an employee."""
        if role not in self._tokens:
            self._tokens[role] = self.post("/v1/auth/token", self.demo["staff"][role])[
                "access_token"
            ]
        return self._tokens[role]

    def customer(self, number: int) -> Answer:
        """A customer of the demonstration; every second one is Chinese."""
        person: Answer = self.demo["customers"][number]
        return person

    def identity(self, customer: int | str, **claims: Any) -> str:
        """An identity token as the bank's own site would sign it, for a customer of the demonstration's list or by id."""
        secret = json.loads((self.folder / "secrets.json").read_text(encoding="utf-8"))[
            "identity_token"
        ]
        who = customer if isinstance(customer, str) else self.customer(customer)["id"]
        now = utc_now()
        return sign_token(secret, IDENTITY_AUDIENCE, who, now, timedelta(hours=1), **claims)

    def chat(
        self, language: str = "en", customer: int | str | None = None, channel: str = "web"
    ) -> Chat:
        """A new conversation."""
        body: Answer = {"channel": channel, "language": language}
        if customer is not None:
            listed = (
                self.customer(customer)
                if isinstance(customer, int)
                else {"identity_token": self.identity(customer)}
            )
            body["identity_token"] = listed["identity_token"]
        made = self.post("/v1/conversations", body, status=201)
        return Chat(self, made["id"], made["token"])


@dataclass
class Chat:
    """A conversation from the customer's side."""

    bank: Bank
    id: str
    token: str

    def say(self, text: str, client_id: str | None = None) -> Turn:
        """Send a message; the answered turn."""
        body = {"text": text, "client_message_id": client_id or uuid.uuid4().hex}
        return Turn(self.bank.post(f"/v1/conversations/{self.id}/messages", body, self.token))

    def transcript(self) -> list[Answer]:
        """Everything said."""
        items: list[Answer] = self.bank.get(f"/v1/conversations/{self.id}/messages", self.token)[
            "items"
        ]
        return items


@dataclass
class Turn:
    """What was answered."""

    raw: Answer

    @property
    def text(self) -> str:
        return "\n".join(message["text"] for message in self.raw["messages"])

    @property
    def slugs(self) -> list[str]:
        return [
            citation["slug"]
            for message in self.raw["messages"]
            for citation in message["citations"]
        ]

    @property
    def actions(self) -> list[str]:
        return [action["type"] for message in self.raw["messages"] for action in message["actions"]]

    @property
    def quick_replies(self) -> list[str]:
        return [
            quick["title"] for message in self.raw["messages"] for quick in message["quick_replies"]
        ]

    @property
    def payloads(self) -> list[str]:
        return [
            quick["payload"]
            for message in self.raw["messages"]
            for quick in message["quick_replies"]
        ]

    def action(self, kind: str) -> Answer:
        """The action of a kind."""
        found = (
            a for message in self.raw["messages"] for a in message["actions"] if a["type"] == kind
        )
        return next(found)


def checked(answer: httpx.Response, status: int) -> Any:
    """The body of an answer that has the expected status."""
    assert answer.status_code == status, (
        f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:400]}"
    )
    return answer.json() if answer.content else None
