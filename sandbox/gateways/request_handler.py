"""What every request goes through: the script of faults, the checks, the effect, the reply."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from aiohttp import web

from sandbox.gateways.calls import Call, Reply
from sandbox.gateways.faults.fault import Expiry, Faults
from sandbox.gateways.fields import read_body
from sandbox.gateways.links import MediaLinks
from sandbox.gateways.orders import Order, Refusal
from sandbox.gateways.pace import Pace
from sandbox.gateways.prices import price
from sandbox.gateways.render_worker import RenderWorker
from sandbox.gateways.tasks import Task, TaskBook

MEDIA = "/media/kling/"


@dataclass
class Limits:
    """What an account may have running and spend in all; None is no limit. May be changed at any time."""

    pending: int | None = None
    credit: Decimal | None = None


class RequestHandler:
    """Serves the calls of one vendor."""

    def __init__(
        self, book: TaskBook, workshop: RenderWorker, faults: Faults, limits: Limits, pace: Pace
    ) -> None:
        self._book = book
        self._workshop = workshop
        self._faults = faults
        self._limits = limits
        self._links = MediaLinks()
        self._lifetime = pace.link_lifetime
        self._effects: dict[str, Callable[[Call], Reply]] = {
            "create": self._create,
            "status": self._status,
            "content": self._content,
            "media": self._media,
            "models": self._models,
        }

    def find(self, call: Call) -> Task | None:
        """The task that the path names, if there is one."""
        if call.route.stage == "media":
            return self._links.find(call.name)
        return self._book.find(call.surface.name, call.route.family, call.name)

    async def serve(self, call: Call) -> web.StreamResponse:
        stage = call.route.stage
        fault = self._faults.next(stage, call)
        if fault is None or fault.effect_first:
            try:
                call.reply = self._effects[stage](call)
            except Refusal as refusal:
                return Reply.of(call.surface.refused(refusal), refusal.status).response()
        if fault is None or fault.answer is None:
            return call.usual.response()
        fault.use_up()
        return await fault.answer(call)

    def _create(self, call: Call) -> Reply:
        surface, exchange = call.surface, call.exchange
        owner = surface.owner(exchange.headers.get("Authorization"))
        body = read_body(exchange.body, exchange.headers.get("Content-Type", ""))
        order = surface.order(call.route.family, body)
        self._admit(call, order)
        task_id = surface.new_id()
        task = Task(task_id, surface.vendor, surface.name, call.route.family, owner, order, body)
        call.task = task
        self._book.add(task)
        fault = self._faults.take("task", call)
        self._workshop.start(task, fault.fate if fault else None)
        return Reply.of(surface.created(task))

    def _admit(self, call: Call, order: Order) -> None:
        """Raise Refusal when the account may not have one more task, or this name twice."""
        vendor = call.surface.vendor
        credit, most = self._limits.credit, self._limits.pending
        if credit is not None and self._book.committed(vendor) + price(order) > credit:
            raise Refusal(402, "kling_balance_too_low", "The team has too few credits")
        if most is not None and self._book.pending(vendor) >= most:
            raise Refusal(429, "kling_too_many_pending_tasks", "Too many tasks are still running")
        name = order.external_id
        if name is not None and self._book.find(call.surface.name, call.route.family, name):
            raise Refusal(400, "invalid_parameter", "external_task_id: already used")

    def _status(self, call: Call) -> Reply:
        task = self._mine(call)
        return Reply.of(call.surface.status(task, self._link(call, task)))

    def _content(self, call: Call) -> Reply:
        return _film(self._mine(call))

    def _media(self, call: Call) -> Reply:
        return _film(self._links.task(call.name))

    def _models(self, call: Call) -> Reply:
        call.surface.owner(call.exchange.headers.get("Authorization"))
        models = [{"id": name, "display_name": name, "type": "video"} for name in call.surface.models]
        return Reply.of({"data": models, "has_more": False})

    def _mine(self, call: Call) -> Task:
        owner = call.surface.owner(call.exchange.headers.get("Authorization"))
        if call.task is None:
            raise Refusal(404, "task_not_found", "Task not found")
        if call.task.owner != owner:
            raise Refusal(403, "media_resource_access_denied", "The task belongs to another owner")
        return call.task

    def _link(self, call: Call, task: Task) -> str:
        """A living link to the film, made when there is none; empty before the task succeeded."""
        if task.state != "succeeded":
            return ""
        token = self._links.alive(task) or self._links.make(task, self._expiry(call))
        return f"{call.request.url.origin()}{MEDIA}{token}/output.mp4"

    def _expiry(self, call: Call) -> Expiry | None:
        if (fault := self._faults.take("link", call)) is not None:
            return fault.expiry
        return None if self._lifetime is None else Expiry(self._lifetime)


def _film(task: Task) -> Reply:
    if task.video is None:
        raise Refusal(400, "task_not_completed", "Task is not completed yet")
    return Reply(200, task.video, "video/mp4")
