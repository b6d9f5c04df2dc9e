"""What all gateway surfaces share: create once, ask, fetch. Each surface adds its own routes and fields."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, unquote

import aiohttp
import httpx

from core.model.errors import CheckFailed, LinkExpired, NotSent, OutcomeUnknown, Silence, TaskMissing
from core.model.job import Ticket
from core.model.video import Result, StoredVideo
from core.ports import Created, Failed, Order, Progress, Reply, ReplyLog
from providers.clips.download import download
from providers.http import wire
from providers.http.access import Access
from providers.http.addresses import Addresses
from providers.http.clients import Answer, Network
from providers.http.safe_links import Source
from providers.replies import outcomes, statuses
from providers.replies.create_replies import PERHAPS, CreateReplies
from providers.replies.error_payloads import ErrorPayload, error_payload
from providers.replies.task_identity import ours_alone
from providers.replies.task_ids import sent_values

_MARK = re.compile(r"<<<\s*([\w -]*?)\s*>>>")
_MISSING = frozenset({404, 410})
_TOO_MANY = 429
_SERVER_ERRORS = 500
_NO_SUCH_TASK = frozenset({"task_not_exist", "task_not_found", "video_not_found"})

NO_TASK = "matinee-asks-whether-it-may-ask"
"""An id that no gateway gives to a task: asking for it is free and shows whether the key is accepted."""


@dataclass(frozen=True, slots=True)
class Call:
    """A create as a surface sends it: `family` is the route on which its status is asked later."""

    family: str
    body: wire.Document


def plain_prompt(order: Order) -> str:
    """Return the prompt without Kling's marks such as `<<<image_1>>>`, which would point at pictures."""
    return _MARK.sub(r"\1", order.request.prompt)


class Surface(ABC):
    """Implements `core.ports.Provider`; the caller that passes the network in closes it.

    `surface` is its name, `gateway` whose key it uses: a gateway may have several surfaces. `title` is the
    gateway's name as people write it, `families` are the routes that make tasks, `probe_paths` are paths that
    cost nothing and need the key, `table` decides the outcome of a create.
    """

    surface: ClassVar[str]
    gateway: ClassVar[str]
    title: ClassVar[str]
    default_base_url: ClassVar[str]
    families: ClassVar[tuple[str, ...]]
    probe_paths: ClassVar[tuple[str, ...]]
    table: ClassVar[outcomes.Table] = outcomes.COMMON
    takes_link_of_create: ClassVar[bool] = True
    has_public_links: ClassVar[bool] = True

    def __init__(
        self,
        *,
        base_url: str = "",
        key: str,
        network: Network,
        replies: ReplyLog,
        safe_statuses: Collection[int] = (),
        sends_job_id: bool = False,
    ) -> None:
        """Take the operator's settings: where the gateway is, and what its document leaves out.

        `safe_statuses` are answers to a create after which, with the gateway's own error, nothing was
        made. With `sends_job_id` a task carries our own id, where the surface has a field for that.
        Raise ValueError, with a sentence for the operator, for a base URL or a key that cannot be used.
        """
        self._access = self.access(base_url, key, network.addresses)
        self._network = network
        self._replies = replies
        self._answers = CreateReplies(
            surface=self.surface,
            access=self._access,
            clock=network.clock,
            table=outcomes.add_safe_statuses(self.table, safe_statuses),
            report=self._report,
            takes_link=self.takes_link_of_create,
        )
        self._sends_job_id = sends_job_id

    @classmethod
    def access(cls, base_url: str, key: str, addresses: Addresses) -> Access:
        """Check the gateway's address, by default that of its document, and the key. Raise ValueError."""
        return Access.to(cls.root(base_url or cls.default_base_url), key, addresses)

    @staticmethod
    def root(base_url: str) -> str:
        """Return the gateway's root, also where the operator wrote the address of a route below it."""
        return base_url.strip().rstrip("/")

    @property
    def name(self) -> str:
        return self.surface

    @property
    def links_are_public(self) -> bool:
        return self.has_public_links

    def tickets(self, task_id: str) -> tuple[Ticket, ...]:
        """Return what it takes to ask about a task of which only the id is known: one for each route."""
        address, key = self._access.base_url, self._access.fingerprint
        return tuple(
            Ticket(
                provider=self.surface,
                task_id=task_id,
                family=family,
                base_url=address,
                key_fingerprint=key,
            )
            for family in self.families
        )

    @abstractmethod
    def _call(self, order: Order) -> Call:
        """Choose the route and write the body of a create."""

    @abstractmethod
    def _path(self, family: str) -> str:
        """Return the path of a route, with a slash in front and none at the end."""

    @abstractmethod
    def _report(self, document: wire.Document) -> statuses.Report:
        """Read a reply to a create or to a question."""

    async def create(self, order: Order) -> Created:
        """Send the paid request once; see `core.ports.Provider.create`."""
        call = self._call(order)
        answer = await self._pay(call)
        await self._replies.append(
            order.job_id, self._answers.to_stored_reply(answer, call.family, order.attempt)
        )
        return self._answers.read(answer, call.family, sent_values(call.body))

    def read(self, reply: Reply, order: Order | None = None) -> Created:
        """Read a reply from the log as `create` would have; see `core.ports.Provider.read`."""
        sent = frozenset[str]() if order is None else sent_values(self._call(order).body)
        return self._answers.read_again(reply, sent)

    async def look_up(self, order: Order) -> Created | None:
        """Return None: without its id a task cannot be found here."""
        del order
        return None

    async def check(self, ticket: Ticket) -> Progress:
        """Ask about a task; see `core.ports.Provider.check`."""
        address = self._address(ticket)
        document = ours_alone(await self._ask(address, ticket), ticket)
        now = self._network.clock.now()
        progress = statuses.read_answer(self._report(document), document, ticket, now, address)
        if isinstance(progress, Failed):
            return replace(progress, said=self._explain(progress.said))
        return progress

    async def fetch(self, ticket: Ticket, result: Result, into: Path) -> StoredVideo:
        """Stream a finished clip to `into`; its link needs no key and gets none."""
        del ticket
        return await self._download((result.url, *result.others), into, with_key=False)

    async def _download(
        self, links: Iterable[str | None], into: Path, *, with_key: bool = True
    ) -> StoredVideo:
        """Stream the clip from the first link that has it."""
        different = {unquote(link): link for link in [*filter(None, links)][::-1]}
        sources = [Source(link, self._access, with_key) for link in [*different.values()][::-1]]
        if not sources:
            raise LinkExpired(f"{self.name} gave no link to the clip")
        return await download(sources, into, self._network)

    async def close(self) -> None:
        """Leave the network open: the caller that opened it closes it."""
        return

    async def _pay(self, call: Call) -> Answer:
        url = self._access.base_url + self._path(call.family)
        headers = self._access.headers(httpx.URL(url))
        try:
            return await self._network.post(url, json.dumps(call.body).encode(), headers)
        except outcomes.NEVER_SENT as error:
            raise NotSent(
                f"{self.name} could not be reached ({str(error) or type(error).__name__})"
            ) from error
        except Exception as error:
            raise OutcomeUnknown(
                f"{self.name} did not answer the paid request ({type(error).__name__}); {PERHAPS}"
            ) from error

    def _address(self, ticket: Ticket) -> str:
        """Return where a task is asked about: at the configured gateway, since only it gets the key."""
        return f"{self._access.base_url}{self._path(ticket.family)}/{quote(ticket.task_id, safe='')}"

    def _is_ours(self, ticket: Ticket) -> bool:
        """Whether the address and the key are still those with which the task was made."""
        return (ticket.base_url, ticket.key_fingerprint) == (self._access.base_url, self._access.fingerprint)

    async def _ask(self, url: str, ticket: Ticket | None = None) -> wire.Document:
        """Ask for a JSON object, about a task if there is a ticket. Raise CheckFailed or TaskMissing."""
        try:
            address = httpx.URL(url)
            answer = await self._network.get(address, self._access.headers(address))
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
            raise CheckFailed(f"{self.name} did not answer ({type(error).__name__})") from error
        if not answer.is_success:
            raise self._not_answered(answer, wire.document(answer.body), ticket)
        document = (wire.document if answer.broken else wire.answer_document)(answer.body)
        if document is None:
            raise CheckFailed(f"{self.name} answered without readable JSON") from answer.broken
        return document

    def _not_answered(
        self, answer: Answer, document: wire.Document | None, ticket: Ticket | None
    ) -> CheckFailed | TaskMissing:
        found = None if document is None else error_payload(document)
        words = self._explain(str(found)) if found else "no reason given"
        message = f"{self.name} answered HTTP {answer.status}: {words}"
        if ticket is not None and not self._is_ours(ticket):
            other = f"{message}. The task was made with another key or at another address"
            return CheckFailed(other, why=Silence.OTHER_KEY)
        if _says_unknown(answer, document, found):
            return TaskMissing(message)
        wait = outcomes.retry_after(answer.headers, self._network.clock.now())
        return CheckFailed(message, why=_silence(answer.status), retry_after=wait)

    def _explain(self, words: str) -> str:
        return wire.explain(words, self._access.key)


def _says_unknown(answer: Answer, document: wire.Document | None, found: ErrorPayload | None) -> bool:
    """Whether the gateway itself says that it does not know the task.

    Any server on the way answers 404 in its own manner; a gateway has an `error` with words or a code,
    Any server on the way answers 404 in its own form; a gateway has an `error` with words or a code,
    """
    if document is None or found is None:
        return False
    if found.code in _NO_SUCH_TASK:
        return True
    is_envelope = found.code not in {"", str(answer.status)} and "code" in document
    return answer.status in _MISSING and (bool(wire.part(document.get("error"))) or is_envelope)


def _silence(status: int) -> Silence:
    """Return what a refused question means for other questions."""
    if status == _TOO_MANY:
        return Silence.TOO_MANY
    return Silence.DOWN if status >= _SERVER_ERRORS or status in _MISSING else Silence.OTHER
