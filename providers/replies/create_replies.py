"""Reads the answer to a create: a task, a refusal, or an unknown outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, assert_never

import httpx

from core.model.errors import OutcomeUnknown, Refusal, Refused
from core.model.job import Ticket
from core.ports import Clock, Created, Reply
from providers.http import wire
from providers.http.access import Access
from providers.http.clients import Answer
from providers.http.redaction import redact_body
from providers.replies import outcomes, statuses
from providers.replies.error_payloads import ErrorPayload, error_payload
from providers.replies.refusals import who_can_act
from providers.replies.task_ids import headers_with_ids, task_ids

PERHAPS: Final = "it may have been charged and is not sent again"
_KEPT_OF_A_REPLY: Final = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateReplies:
    """The answers of one surface: `table` decides their outcome, `report` reads its documents.

    `takes_link`: a link in the answer to a create may be that of the clip. `sent`, wherever it is asked for,
    are the values of our own request, which name no task. Messages never hold the key.
    """

    surface: str
    access: Access
    clock: Clock
    table: outcomes.Table
    report: Callable[[wire.Document], statuses.Report]
    takes_link: bool

    def to_stored_reply(self, answer: Answer, family: str, attempt: int) -> Reply:
        """Return what is stored of an answer: enough to read it again, and never the key."""
        wait = outcomes.retry_after(answer.headers, self.clock.now())
        named = "".join(f"{line}\n" for line in _header_lines(answer)).encode()
        body = named + answer.body
        return Reply(
            self.surface,
            family,
            self.access.base_url,
            answer.status,
            redact_body(body[: 2 * _KEPT_OF_A_REPLY], self.access.key)[:_KEPT_OF_A_REPLY],
            attempt,
            is_cut=answer.broken is not None or bool(named) or len(body) > _KEPT_OF_A_REPLY,
            retry_after=None if wait is None else wait.total_seconds(),
        )

    def read(self, answer: Answer, family: str, sent: frozenset[str]) -> Created:
        """Return the task that an answer names, by the table. Raise Refused or OutcomeUnknown."""
        return self._created(answer, family, self.access.base_url, sent)

    def read_again(self, reply: Reply, sent: frozenset[str]) -> Created:
        """Read a stored answer as the answer itself was read. Raise Refused or OutcomeUnknown."""
        headers = {} if reply.retry_after is None else {"Retry-After": str(reply.retry_after)}
        broken = EOFError("the rest is not kept") if reply.is_cut else None
        answer = Answer(reply.status, httpx.Headers(headers), reply.body, broken)
        if (reply.is_cut or not reply.body) and wire.document(reply.body) is None:
            # The part that is cut off or was erased may have named a task.
            raise self._unknown_outcome(answer, None)
        return self._created(answer, reply.family, reply.base_url, sent)

    def existing(self, document: wire.Document, family: str, base_url: str) -> Created | None:
        """Return the task that a document names, if it names one."""
        report = self.report(document)
        task_id = report.task_id
        if task_id is None:
            return None
        if not self.takes_link:
            report = replace(report, link=None)
        ticket = Ticket(
            provider=self.surface,
            task_id=task_id,
            family=family,
            base_url=base_url,
            key_fingerprint=self.access.fingerprint,
        )
        return Created(ticket, statuses.progress(report, self.clock.now()))

    def _created(self, answer: Answer, family: str, base_url: str, sent: frozenset[str]) -> Created:
        document = wire.document(answer.body)
        evidence = self._evidence(answer, document, sent)
        outcome = outcomes.decide(evidence, self.table).outcome
        match outcome:
            case Refusal():
                raise self._refusal(answer, evidence, outcome)
            case outcomes.Known.CREATED:
                created = self.existing(document or {}, family, base_url)
                if created is not None:
                    return created
            case outcomes.Known.NOTHING:
                pass
            case _:
                assert_never(outcome)
        is_from_elsewhere = document is None and answer.broken is None
        raise self._unknown_outcome(answer, evidence.error, is_from_elsewhere=is_from_elsewhere)

    def _evidence(
        self, answer: Answer, document: wire.Document | None, sent: frozenset[str]
    ) -> outcomes.Evidence:
        task_id = None if document is None else self.report(document).task_id
        elsewhere = _header_lines(answer), task_ids(wire.every_field(answer.body), sent)
        return outcomes.Evidence(
            status=answer.status,
            document=document if answer.broken is None else None,
            error=None if document is None else error_payload(document),
            names_task=task_id is not None,
            has_id=task_id not in {None, *sent} or any(elsewhere),
            asks_to_wait=outcomes.retry_after(answer.headers, self.clock.now()) is not None,
        )

    def _refusal(self, answer: Answer, evidence: outcomes.Evidence, usual: Refusal) -> Refused:
        found = evidence.error
        why, is_about_model = who_can_act(evidence, usual)
        said = self._explain(str(found)) if found else f"no reason given (HTTP {answer.status})"
        code = self._explain(found.code) if found else ""
        return Refused(
            why,
            said,
            retry_after=outcomes.retry_after(answer.headers, self.clock.now()),
            code=code or None,
            is_final=answer.is_success,
            is_about_model=is_about_model,
        )

    def _unknown_outcome(
        self, answer: Answer, found: ErrorPayload | None, *, is_from_elsewhere: bool = False
    ) -> OutcomeUnknown:
        what = "does not say whether a task exists" if answer.broken is None else "broke off"
        said = self._explain(str(found or wire.plain_words(answer.body)))
        words = f" (“{said}”)" if said else ""
        message = f"{self.surface} answered the paid request with HTTP {answer.status}{words}, which {what}"
        doubt = OutcomeUnknown(f"{message}; {PERHAPS}", is_from_elsewhere=is_from_elsewhere, said=said)
        doubt.__cause__ = answer.broken
        return doubt

    def _explain(self, words: str) -> str:
        return wire.explain(words, self.access.key)


def _header_lines(answer: Answer) -> tuple[str, ...]:
    """Return the header lines by which an error names a task; a success has it in its body, or not at all."""
    return () if answer.is_success else headers_with_ids(answer.headers)
