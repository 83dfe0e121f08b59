"""The messages of a session: those that clients wrote, and what was said."""

from dataclasses import dataclass, field
from typing import Any, Literal

from proxy.errors import InputTooLong, InvalidValue, QueueFull
from proxy.routers.live.realtime.client_events import Message
from proxy.routers.live.realtime.ids import new_id

MOST_ITEMS = 1000
MOST_CHARACTERS = 200_000
"""What is remembered of a conversation; beyond that, the oldest messages are forgotten when they have been read."""

ROOT = "root"
"""Stands for the place before the first message."""


@dataclass(eq=False)
class Item:
    """A message. `text` is what there is to read in it, `seconds` how long it lasts if it was spoken."""

    role: Literal["user", "assistant", "system"]
    content: list[dict[str, Any]]
    status: Literal["completed", "incomplete", "in_progress"] = "completed"
    id: str = field(default_factory=lambda: new_id("item"))
    text: str = ""
    read: bool = False
    seconds: float = 0.0

    @classmethod
    def of(cls, message: Message) -> "Item":
        """The item for a client's message. Only what users write is read."""
        text = " ".join(part.text for part in message.content) if message.role == "user" else ""
        content = [part.model_dump() for part in message.content]
        item = cls(message.role, content, message.status or "completed", message.id or new_id("item"))
        # A message is a paragraph of its own, unless the next one goes on with it.
        item.text = text if item.goes_on or not text else f"{text}\n\n"
        return item

    @property
    def goes_on(self) -> bool:
        """Whether the next message goes on with the same text."""
        return self.status == "in_progress"

    @property
    def is_unread(self) -> bool:
        """Whether the next response is to read it."""
        return self.role == "user" and not self.read

    @property
    def characters(self) -> int:
        """The length of the message."""
        return sum(len(text) for part in self.content for name, text in part.items() if name != "type")

    def body(self) -> dict[str, Any]:
        """The item, as clients see it."""
        names = ("id", "status", "role", "content")
        return {"object": "realtime.item", "type": "message", **{name: getattr(self, name) for name in names}}


class Conversation:
    """The messages in their order."""

    def __init__(self) -> None:
        self.id = new_id("conv")
        self._items: list[Item] = []

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Add a message at the end, or after another one; return the id of the one before it.

        Raises `InvalidValue` if its id is taken or the other message is not there, `InputTooLong`, and `QueueFull` if
        too much is to be read already.
        """
        if any(each.id == item.id for each in self._items):
            raise InvalidValue("item.id", f"there is an item {item.id!r} already.")
        self._make_room(item)
        place = len(self._items)
        if after is not None:
            place = 0 if after == ROOT else self._items.index(self.find(after, "previous_item_id")) + 1
        self._items.insert(place, item)
        return self._items[place - 1].id if place else None

    def find(self, item_id: str, param: str = "item_id") -> Item:
        """Return a message. Raises `InvalidValue` if it is not there; `param` names the field with the id."""
        for item in self._items:
            if item.id == item_id:
                return item
        raise InvalidValue(param, f"there is no item {item_id!r} in the conversation.")

    def delete(self, item_id: str) -> None:
        """Forget a message, read or not. Raises `InvalidValue` if it is not there."""
        self._items.remove(self.find(item_id))

    def unread(self) -> list[Item]:
        """Return what the next response is to read."""
        return [item for item in self._items if item.is_unread]

    def _make_room(self, item: Item) -> None:
        """Forget what is old until another message fits in."""
        if item.characters > MOST_CHARACTERS:
            raise InputTooLong(item.characters, MOST_CHARACTERS)
        room = MOST_CHARACTERS - item.characters - sum(each.characters for each in self._items)
        while room < 0 or len(self._items) >= MOST_ITEMS:
            oldest = next((each for each in self._items if not each.is_unread), None)
            if oldest is None:
                raise QueueFull("Too many messages wait to be read; send response.create before more of them.")
            self._items.remove(oldest)
            room += oldest.characters
