"""Faults of the status route: wrong words, wrong bytes, or no answer."""

from collections.abc import Callable

from sandbox.gateways.calls import Call
from sandbox.gateways.faults.answers import changed, gzip_bomb, html, refuses, reshaped, says
from sandbox.gateways.faults.connections import drips, hangs, resets, truncated
from sandbox.gateways.faults.fault import Answer, Fault, Headers
from sandbox.gateways.faults.places import drop, put
from sandbox.gateways.surfaces.surface import Place, Surface


def on_status(answer: Answer) -> Fault:
    """This answer instead of the true state."""
    return Fault(on=("status",), answer=answer)


def after_status(answer: Answer) -> Fault:
    """This answer, made from the true one."""
    return Fault(on=("status",), answer=answer, effect_first=True)


def status_says(reply: object, status: int = 200) -> Fault:
    """Exactly this reply."""
    return on_status(says(reply, status))


def status_refused(
    status: int,
    code: str | int = "upstream_error",
    message: str = "",
    headers: Headers | None = None,
) -> Fault:
    return on_status(refuses(status, code, message, headers))


def status_not_found() -> Fault:
    return status_refused(404, "task_not_found", "Task not found")


def status_unauthorized() -> Fault:
    return status_refused(401, "invalid_api_key", "Invalid or missing API key")


def status_denied() -> Fault:
    return status_refused(403, "media_resource_access_denied", "The task belongs to another owner")


def status_rate_limited(retry_after: str | None = None) -> Fault:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return status_refused(429, "rate_limit_exceeded", "Rate limit exceeded", headers)


def status_with(**fields: object) -> Fault:
    """The true reply with these fields besides or instead."""
    return after_status(changed(lambda _, reply: {**reply, **fields}))


def state_reads(spelling: object) -> Fault:
    """The state in another spelling, or no text at all."""
    return _with(lambda surface: surface.state_at, spelling)


def state_missing() -> Fault:
    return after_status(changed(lambda call, reply: drop(reply, call.surface.state_at)))


def progress_reads(value: object) -> Fault:
    """Any JSON value, NaN and Infinity too."""
    return status_with(progress=value)


def reason_reads(value: object) -> Fault:
    """An error of any type, whatever the state is."""
    return _with(lambda surface: surface.reason_at, value)


def link_reads(value: object) -> Fault:
    """Another link to the film, also while the task is still running."""
    return _with(lambda surface: surface.link_at, value)


def link_missing() -> Fault:
    """Succeeded, but without a link. Polls before that are left alone."""
    fault = after_status(changed(lambda call, reply: drop(reply, call.surface.link_at)))
    fault.where = _has_succeeded
    return fault


def status_hangs() -> Fault:
    return on_status(hangs())


def status_reset() -> Fault:
    return on_status(resets())


def status_truncated() -> Fault:
    return after_status(truncated())


def status_drips(seconds_between: float = 0.05) -> Fault:
    return after_status(drips(seconds_between))


def status_is_html(status: int = 200) -> Fault:
    return on_status(html(status))


def status_is_gzip_bomb(megabytes: int = 50) -> Fault:
    return on_status(gzip_bomb(megabytes))


def status_is_broken_gzip() -> Fault:
    return on_status(says(b"not gzip", headers={"Content-Encoding": "gzip"}))


def status_is_huge(megabytes: int = 2) -> Fault:
    return after_status(changed(lambda _, reply: {**reply, "padding": "0" * (megabytes * 2**20)}))


def status_is_nested(depth: int = 100_000) -> Fault:
    return on_status(says("[" * depth + "]" * depth))


def status_has_byte_order_mark() -> Fault:
    return after_status(reshaped(lambda body: b"\xef\xbb\xbf" + body))


def status_is_not_utf8() -> Fault:
    return on_status(says(b'{"id": "\xff\xfe", "status": "processing"}'))


def status_has_duplicate_keys(task_id: str) -> Fault:
    states = '"status": "processing", "status": "completed", "status": "failed"'
    return on_status(says(f'{{"id": "{task_id}", {states}}}'))


def status_has_lone_surrogate() -> Fault:
    return reason_reads("\ud83d")


def _with(place: Callable[[Surface], Place], value: object) -> Fault:
    return after_status(changed(lambda call, reply: put(reply, place(call.surface), value)))


def _has_succeeded(call: Call) -> bool:
    return call.task is not None and call.task.state == "succeeded"
