"""Gateways that play a world, and keep the truth about it: which tasks exist, and whose."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.stranger.made_up.answers import (
    CLIP,
    ELSEWHERE,
    ID,
    ID_AS_NUMBER,
    LINK,
    OTHER_ID,
    OTHER_LINK,
    SIBLING_ID,
    Answer,
)
from tests.stranger.made_up.documents import (
    CREATE_ROUTES,
    FAILED,
    RUNNING,
    STARTED,
    SUCCEEDED,
    UNKNOWN_TASK,
    Created,
    Surface,
    created,
    document,
    external_id_of,
    prompt_of,
    written,
)
from tests.stranger.made_up.grammar import Create, Order, World
from tests.stranger.made_up.wire import Request, Sent

NO_RETRIES: Final = "x-litellm-num-retries"
FORBEARANCE: Final = 300.0
"""Seconds after which no gateway says any more that it does not know a task of its own."""

HONEST_SECONDS: Final = 11.0
_NOT_FOUND: Final = Answer("no such route", 404, written({"detail": "Not Found"}))
_NOT_READY: Final = Answer("not ready", 404, written({"error": {"message": "Video is not ready yet"}}))


@dataclass(slots=True)
class Task:
    """A paid task. `order` is the number of the order whose prompt made it, 0 for another account's.

    `was_given`: its id was sent as documented. `external_id` is the one by which its sender may ask.
    """

    id: str
    order: int
    ends_at: float
    finishes: bool
    is_billed: bool
    clip: bytes
    was_given: bool = False
    external_id: str | None = None


@dataclass(slots=True)
class Truth:
    """What is so at one gateway, whatever it says."""

    tasks: dict[str, Task] = field(default_factory=dict[str, Task])
    posts: Counter[int] = field(default_factory=Counter[int])

    def of(self, order: int) -> list[Task]:
        return [task for task in self.tasks.values() if task.order == order]


class Gateway(ABC):
    """What both kinds have in common: routes, tasks, clips."""

    def __init__(
        self, surface: Surface, origin: str, now: Callable[[], float], clip: Callable[[str], bytes]
    ) -> None:
        self.truth = Truth()
        self._surface = surface
        self._origin = origin
        self._now = now
        self._clip = clip

    def answer(self, request: Request, segments: list[str]) -> Sent:
        """Answer a request; `segments` are those of its path, beneath the base URL."""
        route = "/" + "/".join(segments)
        match request.method, segments:
            case "POST", ["elsewhere", *_]:
                return self._create(request)
            case "POST", _ if route in CREATE_ROUTES[self._surface]:
                return self._create(request)
            case "GET", ["media", name]:
                return self._file(name.removesuffix(".mp4"))
            case "GET", ["openai", "v1", "videos", task_id, "content"] if self._surface is Surface.ANYINT:
                return self._file(task_id)
            case "GET", [*above, task_id] if "/" + "/".join(above) in CREATE_ROUTES[self._surface]:
                return self._status(task_id)
            case _:
                return self._sent(_NOT_FOUND, None)

    @abstractmethod
    def _create(self, request: Request) -> Sent: ...

    @abstractmethod
    def _status(self, task_id: str) -> Sent: ...

    @abstractmethod
    def _file(self, task_id: str) -> Sent: ...

    def _make(self, task: Task) -> Task:
        self.truth.tasks[task.id] = task
        return task

    def _true(self, task: Task, failure: str) -> Answer:
        """Write the document about a task, as it is at this moment."""
        surface, state = self._surface, failure
        if self._now() < task.ends_at:
            state = RUNNING[surface]
        elif task.finishes:
            state = SUCCEEDED[surface]
        why = "The maker could not do it" if state == failure else None
        body = document(surface, state, why=why, external_id=task.external_id)
        return Answer("document", 200, body)

    def _whole(self, task: Task) -> Sent:
        return Sent(Answer("clip", 200, media_type="video/mp4"), task.clip)

    def _sent(self, answer: Answer, task: Task | None) -> Sent:
        """Replace the placeholders by true values, or by those of another task."""
        if answer.body == CLIP and task is not None:
            return Sent(answer, task.clip)
        text = answer.body
        if "@" in text:
            text = self._filled(text, task)
        headers = tuple(
            (name, value.replace(ELSEWHERE, f"{self._origin}/elsewhere")) for name, value in answer.headers
        )
        filled = (
            answer
            if headers == answer.headers
            else Answer(answer.what, answer.status, answer.body, answer.media_type, headers, answer.way)
        )
        return Sent(filled, text.encode())

    def _filled(self, text: str, task: Task | None) -> str:
        if task is not None:
            bare = task.id if task.id.isdecimal() else ""
            for quote in ('"', '\\"', '\\\\\\"'):
                quoted = f"{quote}{task.id}{quote}"
                text = text.replace(f"{quote}{ID_AS_NUMBER}{quote}", bare or quoted)
            text = text.replace(ID, task.id).replace(LINK, self._link(task))
        if OTHER_ID in text or OTHER_LINK in text or SIBLING_ID in text:
            other = self._foreign_task()
            sibling = self._sibling(task) or other
            text = text.replace(OTHER_ID, other.id).replace(OTHER_LINK, self._link(other))
            text = text.replace(SIBLING_ID, sibling.id)
        return text

    def _link(self, task: Task) -> str:
        return f"{self._origin}/media/{task.id}.mp4"

    def _foreign_task(self) -> Task:
        name = f"other-{len(self.truth.tasks)}"
        return self._make(Task(name, 0, 0.0, finishes=True, is_billed=False, clip=self._clip(name)))

    def _sibling(self, task: Task | None) -> Task | None:
        number = task.order if task else 0
        return next((one for one in self.truth.tasks.values() if one.order not in {0, number}), None)


class StrangerGateway(Gateway):
    """Answers as its world says, each order by its own script."""

    def __init__(
        self, world: World, origin: str, now: Callable[[], float], clip: Callable[[str], bytes]
    ) -> None:
        super().__init__(world.surface, origin, now, clip)
        self._orders = {f"order {order.number}": order for order in world.orders}
        self._asked: Counter[str] = Counter()
        self._fetched: Counter[str] = Counter()
        self._can_look_up = world.can_look_up
        self._usual = Create(
            created(world.surface, Created(STARTED[world.surface])), makes=True, gives_id=True
        )

    def order_of(self, task: Task) -> Order:
        return self._orders[f"order {task.order}"]

    def _create(self, request: Request) -> Sent:
        order = self._orders[prompt_of(request.body).partition(":")[0]]
        number = self.truth.posts[order.number]
        self.truth.posts[order.number] += 1
        create = order.creates[number] if number < len(order.creates) else self._usual
        answer = create.answer
        if create.retries and request.headers.get(NO_RETRIES) == "0":
            answer = Answer("dropped upstream", 500, written({"error": {"message": "Connection error."}}))
        if not create.makes:
            return self._sent(answer, None)
        task = self._made(order, number)
        task.was_given = create.gives_id and answer.arrives
        if self._can_look_up:
            task.external_id = external_id_of(request.body)
        return self._sent(answer, task)

    def _made(self, order: Order, number: int) -> Task:
        task_id = named(order.id_style, f"{self._origin}-{order.number}-{number}")
        ends_at = self._now() + order.seconds
        clip = self._clip(f"{order.number}-{number}")
        return self._make(Task(task_id, order.number, ends_at, order.finishes, order.is_billed, clip))

    def _status(self, task_id: str) -> Sent:
        task = self.truth.tasks.get(task_id) or self._looked_up(task_id)
        if task is None or not task.order:
            return self._sent(UNKNOWN_TASK[self._surface], None)
        order, number = self.order_of(task), self._asked[task.id]
        self._asked[task.id] += 1
        if number < len(order.questions):
            odd = order.questions[number]
            is_denied = (
                odd.what == "unknown task" and self._now() > task.ends_at - order.seconds + FORBEARANCE
            )
            if not is_denied:
                return self._sent(odd, task)
        return self._sent(self._true(task, order.failure), task)

    def _looked_up(self, external_id: str) -> Task | None:
        return next((task for task in self.truth.tasks.values() if task.external_id == external_id), None)

    def _file(self, task_id: str) -> Sent:
        task = self.truth.tasks.get(task_id)
        if task is None:
            return self._sent(_NOT_FOUND, None)
        if not task.order:
            return self._whole(task)
        if self._now() < task.ends_at or not task.finishes:
            return self._sent(_NOT_READY, task)
        files, number = self.order_of(task).files, self._fetched[task_id]
        self._fetched[task_id] += 1
        return self._sent(files[number], task) if number < len(files) else self._whole(task)


class HonestGateway(Gateway):
    """Does what its document says, at once and to the letter."""

    def _create(self, request: Request) -> Sent:
        prompt = prompt_of(request.body)
        order = int(prompt.partition(":")[0].removeprefix("order "))
        self.truth.posts[order] += 1
        name = f"honest-{len(self.truth.tasks)}-{order}"
        ends_at = self._now() + HONEST_SECONDS
        task = Task(
            name, order, ends_at, finishes=True, is_billed=True, clip=self._clip(name), was_given=True
        )
        return self._sent(created(self._surface, Created(STARTED[self._surface])), self._make(task))

    def _status(self, task_id: str) -> Sent:
        task = self.truth.tasks.get(task_id)
        if task is None:
            return self._sent(UNKNOWN_TASK[self._surface], None)
        return self._sent(self._true(task, FAILED[self._surface][0]), task)

    def _file(self, task_id: str) -> Sent:
        task = self.truth.tasks.get(task_id)
        if task is None or self._now() < task.ends_at:
            return self._sent(_NOT_READY, task)
        return self._whole(task)


def named(style: int, seed: str) -> str:
    """Make up an id, as gateways of several makers do."""
    digest = hashlib.sha256(seed.encode()).hexdigest()
    match style:
        case 0:
            return f"video_{digest[:24]}"
        case 1:
            return f"job-{digest[:6]}"
        case 2:
            return str(int(digest[:14], 16) + 10**17)
        case 3:
            return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}"
        case _:
            return f"video_{digest * 4}=="
