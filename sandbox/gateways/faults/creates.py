"""Faults of the paid create: refused, lost on the way back, or answered with nonsense."""

from aiohttp import web

from sandbox.gateways.calls import Call
from sandbox.gateways.faults.answers import changed, html, redirects, refuses, says, usual
from sandbox.gateways.faults.connections import closes, hangs, not_http, resets, slowly, truncated
from sandbox.gateways.faults.fault import Answer, Fault, Headers
from sandbox.gateways.faults.places import drop, put


def on_create(answer: Answer) -> Fault:
    """This answer, and no task."""
    return Fault(on=("create",), answer=answer)


def after_create(answer: Answer) -> Fault:
    """The task is created and will be charged; the caller gets this answer."""
    return Fault(on=("create",), answer=answer, effect_first=True)


def create_refused(
    status: int,
    code: str | int = "upstream_error",
    message: str = "",
    headers: Headers | None = None,
) -> Fault:
    return on_create(refuses(status, code, message, headers))


def create_says(reply: object, status: int = 200) -> Fault:
    return on_create(says(reply, status))


def create_unauthorized() -> Fault:
    return create_refused(401, "invalid_api_key", "Invalid or missing API key")


def create_needs_a_team_key() -> Fault:
    return create_refused(403, "kling_team_required", "The API key is not scoped to a team")


def create_out_of_credit() -> Fault:
    return create_refused(402, "kling_balance_too_low", "The team has too few credits")


def create_too_many_pending(retry_after: str | None = None) -> Fault:
    """429 that passes by itself; `retry_after` is sent as it is written."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    message = "Too many tasks are still running"
    return create_refused(429, "kling_too_many_pending_tasks", message, headers)


def create_out_of_quota() -> Fault:
    """429 that means money: Kling's resource pack is used up."""
    return create_refused(429, 1102, "resource pack exhausted")


def create_moderated() -> Fault:
    return create_refused(400, 1301, "Failure to pass the risk control system")


def create_failed_upstream(upstream_status: int | None = 503, code: str = "upstream_unavailable") -> Fault:
    """WorldRouter's 424: nothing was created, nothing was billed."""
    error = {"code": code, "message": "The upstream video provider returned an error"}
    told = error if upstream_status is None else error | {"upstream_status": upstream_status}
    return create_says({"error": told, "requestId": "req-upstream"}, 424)


def create_redirected(to: str, status: int = 307) -> Fault:
    return on_create(redirects(to, status))


def create_hangs() -> Fault:
    """Never answered, and no task."""
    return on_create(hangs())


def create_reset() -> Fault:
    """The connection is reset before anything was made."""
    return on_create(resets())


def create_accepted_then_hangs() -> Fault:
    return after_create(hangs())


def create_accepted_then_reset() -> Fault:
    return after_create(resets())


def create_accepted_then_closed() -> Fault:
    return after_create(closes())


def create_accepted_then_truncated() -> Fault:
    return after_create(truncated())


def create_accepted_then_not_http() -> Fault:
    return after_create(not_http())


def create_accepted_then_html(status: int = 200) -> Fault:
    return after_create(html(status))


def create_accepted_then_refused(status: int, code: str | int = "upstream_error") -> Fault:
    """The worst kind: an error for a task that is made and charged all the same."""
    return after_create(refuses(status, code))


def create_repeated_by_the_gateway(most: int = 3) -> Fault:
    """The gateway asks its upstream up to so many times, unless `x-litellm-num-retries: 0` forbids that.

    The first try made a task, and its answer was dropped. The other tries are refused, since that task holds
    the only place. The last answer does not mention the first try.
    """
    dropped = refuses(500, "internal_server_error", "litellm.InternalServerError: Connection error.")
    full = refuses(429, "kling_too_many_pending_tasks", "Too many tasks are still running")

    async def answer(call: Call) -> web.StreamResponse:
        is_sent_once = call.request.headers.get("x-litellm-num-retries") == "0"
        call.exchange.passed_on = 1 if is_sent_once else most
        return await (dropped if is_sent_once else full)(call)

    return after_create(answer)


def create_accepted_slowly(seconds: float) -> Fault:
    return after_create(slowly(seconds, usual()))


def create_accepted_without_id() -> Fault:
    return after_create(changed(lambda call, reply: drop(reply, call.surface.id_at)))


def create_accepted_with_id(value: object) -> Fault:
    """Another id than the task's: a number, an empty text, or that of an earlier task."""
    return after_create(changed(lambda call, reply: put(reply, call.surface.id_at, value)))


def create_accepted_with_numeric_id() -> Fault:
    """The digits of the true id, as a JSON number."""

    def change(call: Call, reply: object) -> object:
        digits = "".join(filter(str.isdigit, call.task.id)) if call.task else ""
        return put(reply, call.surface.id_at, int(digits or 1))

    return after_create(changed(change))


def create_accepted_in_state(spelling: object) -> Fault:
    """The create reply names this state, for instance one that is final already."""
    return after_create(changed(lambda call, reply: put(reply, call.surface.state_at, spelling)))
