"""Faults of the film itself: not ready, not a film, cut, too large, elsewhere, gone."""

import gzip

from sandbox.gateways.faults.answers import html, redirects, refuses, reshaped, says
from sandbox.gateways.faults.connections import drips, endless, hangs, padded, resets_midway, truncated
from sandbox.gateways.faults.fault import FILE, Answer, Expiry, Fault


def on_file(answer: Answer) -> Fault:
    """This answer instead of the film, on AnyInt's content route and on media links alike."""
    return Fault(on=FILE, answer=answer)


def after_file(answer: Answer) -> Fault:
    """This answer, made from the film."""
    return Fault(on=FILE, answer=answer, effect_first=True)


def file_refused(status: int, code: str = "upstream_error") -> Fault:
    """For instance 404, 409, 410, 425 or 500."""
    return on_file(refuses(status, code))


def file_not_ready(status: int = 400) -> Fault:
    """Asked for too early, though the task has succeeded."""
    return on_file(refuses(status, "task_not_completed", "Task is not completed yet"))


def file_is_html(status: int = 200) -> Fault:
    return on_file(html(status))


def file_is_json_error() -> Fault:
    return on_file(says({"error": {"message": "The file is gone", "code": "not_found"}}))


def file_is_at(url: str, field: str = "url") -> Fault:
    """JSON that says where the film is."""
    return on_file(says({field: url}))


def file_is_empty() -> Fault:
    return after_file(reshaped(lambda _: b""))


def file_is_picture() -> Fault:
    """Bytes of another kind under the film's name."""
    return after_file(reshaped(lambda body: b"\x89PNG\r\n\x1a\n" + body[8:]))


def file_cut_short() -> Fault:
    """Half of the film, with a length that agrees with it."""
    return after_file(reshaped(lambda body: body[: len(body) // 2]))


def file_truncated(*, is_length_told: bool = True) -> Fault:
    """Half of the film, then the connection ends; without a length the caller can't see that."""
    return after_file(truncated(is_length_told=is_length_told))


def file_resets_midway() -> Fault:
    return after_file(resets_midway())


def file_gzipped() -> Fault:
    """The whole film with a content encoding, so that its length is another one."""
    return after_file(reshaped(gzip.compress, {"Content-Encoding": "gzip"}))


def file_hangs() -> Fault:
    return on_file(hangs())


def file_drips(seconds_between: float = 0.05) -> Fault:
    return after_file(drips(seconds_between))


def file_is_endless() -> Fault:
    return after_file(endless())


def file_is_huge(megabytes: int) -> Fault:
    """The film, filled up to this size."""
    return after_file(padded(megabytes))


def file_redirected(to: str | None = None, status: int = 302) -> Fault:
    """To any address, or with None to the same link again: `times` makes a chain or a loop of it."""
    return on_file(redirects(to, status))


def media_link_expires(after: float = 0, status: int = 403) -> Fault:
    """The next media link dies after so many seconds; the status reply then gives a fresh one."""
    return Fault(on=("link",), expiry=Expiry(after, status))
