"""The grammar of worlds: what a gateway may answer, and what is true while it does.

It may lie in any way but four: a documented refusal, and a 4xx in JSON without an id, are true;
A 429 without an id counts as documented: WorldRouter's page says what it stands for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product
from math import prod
from random import Random
from typing import Any, Final, TypeAlias, TypeVar

from hypothesis import strategies as st

from tests.stranger.made_up.answers import (
    CLIP,
    ELSEWHERE,
    ID,
    ID_AS_NUMBER,
    JSON,
    OTHER_ID,
    OTHER_LINK,
    PAGE,
    SIBLING_ID,
    Answer,
    Way,
)
from tests.stranger.made_up.documents import (
    FAILED,
    REFUSALS,
    RUNNING,
    STARTED,
    SUCCEEDED,
    UNKNOWN_TASK,
    Created,
    Surface,
    created,
    document,
    written,
)
from tests.stranger.made_up.vocabulary import (
    BAGS,
    COMPLAINTS,
    NAMES_NOBODY_KNOWS,
    NAMES_OF_IDS,
    PAGES,
    TEMPTING,
    WORDS_OF_STATES,
)

T = TypeVar("T")
Drawn: TypeAlias = st.SearchStrategy[Answer]
Bags: TypeAlias = tuple[tuple[str, str], ...]
Part: TypeAlias = dict[str, Any]

MOST_ODD: Final = 5
MOST_ODD_LOOK_UPS: Final = 2
"""A look-up of a task is repeated ever more seldom: more of them would take days."""

_WEIGHT_OF_ACCEPTED: Final = 6
"""Each other kind of answer weighs one: much can only go wrong after an order was accepted."""

_MOST_EVEN: Final = 2**24
"""Hypothesis draws smaller numbers than this evenly; of larger ones it prefers small ones."""

BROKEN: Final = (Way.CUT, Way.CUT_CHUNKS, Way.RESET, Way.RESET_WITHIN, Way.CLOSED, Way.LATE)
ARRIVING: Final = (Way.WHOLE, Way.WHOLE, Way.CHUNKED, Way.INTERIM)


@dataclass(frozen=True, slots=True)
class Create:
    """What one paid request is answered with, and whether it made a task.

    `gives_id`: the answer is the documented one. `retries`: the gateway sends to its upstream again by
    itself, unless the header forbids it.
    """

    answer: Answer
    makes: bool
    gives_id: bool = False
    retries: bool = False

    def __str__(self) -> str:
        made = "makes a task" if self.makes else "makes nothing"
        return f"{made}, {self.answer}" + (" [retries by itself]" if self.retries else "")


@dataclass(frozen=True, slots=True)
class Order:
    """One video that is asked for, and all that happens to it.

    `creates` answer one paid request after the other; those after them are accepted. The task ends
    `seconds` after it was made. `questions` and `files` are the odd answers before the true ones, which are
    then given for ever.
    """

    number: int
    creates: tuple[Create, ...]
    finishes: bool
    is_billed: bool
    seconds: float
    id_style: int
    questions: tuple[Answer, ...]
    files: tuple[Answer, ...] = ()
    failure: str = ""

    def __str__(self) -> str:
        fate = "finishes" if self.finishes else f"ends as {self.failure}"
        bill = "billed" if self.is_billed else "not billed"
        lines = [
            f"order {self.number}: its task {fate} after {self.seconds:g} s, {bill}, id style {self.id_style}"
        ]
        for name, answers in (("create", self.creates), ("question", self.questions), ("file", self.files)):
            lines += [f"  {name} {number}: {answer}" for number, answer in enumerate(answers, 1)]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class World:
    """A gateway of unknown manners, beside an honest one; `has_neighbour`: that one has its own order.

    `can_look_up`: tasks are found by the id that their sender gave them, as Kling documents.
    """

    surface: Surface
    orders: tuple[Order, ...]
    has_neighbour: bool = True
    can_look_up: bool = False

    def __repr__(self) -> str:
        beside = "beside an order at an honest one" if self.has_neighbour else "alone"
        found = ", tasks can be looked up" if self.can_look_up else ""
        return "\n".join([f"{self.surface}, {beside}{found}", *map(str, self.orders)])


def combined(make: Callable[..., T], *choices: Sequence[Any]) -> st.SearchStrategy[T]:
    """Draw one of each and make something of them, in as few draws as there can be: they cost the time."""
    groups: list[list[Sequence[Any]]] = [[]]
    for options in choices:
        if prod(map(len, [*groups[-1], options])) >= _MOST_EVEN:
            groups.append([])
        groups[-1].append(options)
    if len(groups) == 1:
        return _one_of_each(choices).map(lambda parts: make(*parts))
    return st.tuples(*map(_one_of_each, groups)).map(lambda parts: make(*chain.from_iterable(parts)))


def _one_of_each(choices: Sequence[Sequence[Any]]) -> st.SearchStrategy[list[Any]]:
    def chosen(number: int) -> list[Any]:
        parts: list[Any] = []
        for options in choices:
            number, which = divmod(number, len(options))
            parts.append(options[which])
        return parts

    return st.integers(0, prod(map(len, choices)) - 1).map(chosen)


def worlds(surface: Surface) -> st.SearchStrategy[World]:
    def world(orders: list[Order], has_neighbour: bool, can_look_up: bool) -> World:  # noqa: FBT001 - as drawn
        most = MOST_ODD_LOOK_UPS if can_look_up else MOST_ODD
        numbered = (
            replace(order, number=number, questions=order.questions[:most])
            for number, order in enumerate(orders, 1)
        )
        return World(surface, tuple(numbered), has_neighbour, can_look_up)

    orders = st.lists(_orders(surface), min_size=1, max_size=3)
    look_ups = [False, True] if surface is Surface.NATIVE else [False]
    return st.builds(world, orders, st.sampled_from([False, False, False, True]), st.sampled_from(look_ups))


def _orders(surface: Surface) -> st.SearchStrategy[Order]:
    facts = combined(
        lambda *facts: facts,
        [True, True, True, False],
        [True, False],
        [6.0, 0.0, 15.0, 45.0, 200.0],
        range(5),
        FAILED[surface],
    )
    return st.builds(
        _order,
        facts,
        st.lists(_creates(surface), min_size=1, max_size=3),
        st.lists(_odd_status(surface), min_size=1, max_size=MOST_ODD),
        st.lists(_odd_file(), max_size=2),
    )


def _order(
    facts: tuple[Any, ...], creates: list[Create], questions: list[Answer], files: list[Answer]
) -> Order:
    finishes, is_billed, seconds, id_style, failure = facts
    return Order(
        number=0,
        creates=tuple(creates),
        finishes=finishes,
        is_billed=is_billed,
        seconds=seconds,
        id_style=id_style,
        questions=tuple(questions),
        files=tuple(files),
        failure=failure,
    )


# ---------------------------------------------------------------- answers to a create


def _creates(surface: Surface) -> st.SearchStrategy[Create]:
    accepted, noise, unclear = _accepted(surface), _noise_with_id(), _unclear()

    def making(answers: Sequence[Drawn], *, gives_id: bool = False) -> st.SearchStrategy[Create]:
        return st.one_of(*answers).map(lambda answer: Create(answer, makes=True, gives_id=gives_id))

    return st.one_of(
        *(making([accepted(ARRIVING)], gives_id=True) for _ in range(_WEIGHT_OF_ACCEPTED)),
        making([accepted(BROKEN)]),
        making([noise(ARRIVING)]),
        making([_hidden_ids()]),
        making([_told_with_id()]),
        making([drawn(ARRIVING) for drawn in unclear]),
        making([noise(BROKEN), *(drawn(BROKEN) for drawn in unclear)]),
        st.one_of(*(drawn(ARRIVING + BROKEN) for drawn in unclear)).map(_of_nothing),
        st.one_of(*_refusals(surface)).map(_of_nothing),
        st.just(_RETRYING),
    )


def _of_nothing(answer: Answer) -> Create:
    return Create(answer, makes=False)


_RETRYING: Final = Create(
    Answer("full", 429, written({"error": {"message": "All slots are taken", "type": "rate_limit_error"}})),
    makes=True,
    retries=True,
)
"""Upstream takes the first request and drops the connection; a second and a third find no free place."""

Travelling: TypeAlias = Callable[[Sequence[Way]], Drawn]
"""Gives answers of one kind, that travel in one of these ways."""


def _accepted(surface: Surface) -> Travelling:
    def accepted(state: str, error: object, extra: Part, status: int, way: Way) -> Answer:
        return created(surface, Created(state, error, extra, status)).going(way)

    states = [STARTED[surface], STARTED[surface], RUNNING[surface], *WORDS_OF_STATES]
    errors = [None, None, "your credit is low", {"message": "queued behind others"}]
    extras: list[Part] = [{}, {}, {"request_id": "r-1", "user_id": "u-1"}, {"progress": 0}]
    return lambda ways: combined(accepted, states, errors, extras, [200, 200, 201, 202], ways)


def _baggings() -> list[Bags]:
    """Return some of the ways to put something into no, one or two bags."""
    one: list[tuple[str, str]] = list(product(BAGS, ("object", "list", "text")))
    chance = Random(12)
    two = [(chance.choice(one), chance.choice(one)) for _ in range(200)]
    return [*[()] * 60, *((bag,) for bag in one), *two]


_BAGGINGS: Final = _baggings()


def _bagged(inside: Part, bags: Bags) -> Part:
    """Put something into objects, lists and JSON within strings."""
    for name, kind in bags:
        bag: Any = inside
        if kind == "list":
            bag = [inside]
        elif kind == "text":
            bag = json.dumps(inside)
        inside = {name: bag}
    return inside


def _noise(status: int, around: Part, inside: Part, bags: Bags, way: Way = Way.WHOLE) -> Answer:
    return Answer("noise", status, written({**around, **_bagged(inside, bags)}), way=way)


_IDS: Final[list[Part]] = [{name: value} for name in NAMES_OF_IDS for value in (ID, ID, ID_AS_NUMBER)]
_MADE: Final = (200, 200, 200, 201, 202)
_SCALARS: Final = ("null", "[]", "42", '"ok"', "{}", "{", "true")


def _noise_with_id() -> Travelling:
    """Write an answer of success that no document knows, with an id somewhere."""
    return lambda ways: combined(_noise, _MADE, TEMPTING, _IDS, _BAGGINGS, ways)


def _unclear() -> list[Travelling]:
    """Write an answer without anything to rely on."""
    insides: list[Part] = [{}, {"request_id": "r-5"}, {"url": None}, {"list": []}]
    return [
        lambda ways: combined(_noise, _MADE, TEMPTING, insides, _BAGGINGS, ways),
        lambda ways: combined(_scalar, _MADE, _SCALARS, ways),
        lambda ways: _pages(ways=ways),
        lambda ways: _empties(ways=ways),
        _own_errors,
        _redirects,
    ]


def _scalar(status: int, body: str, way: Way) -> Answer:
    return Answer("noise", status, body, way=way)


def _hidden_ids() -> Drawn:
    """Write an answer of success with the id where only a person would find it."""
    hidden: list[Part] = [
        *({name: ID} for name in NAMES_NOBODY_KNOWS),
        {"status_url": f"https://gateway.example/tasks/{ID}"},
        {"message": f"task {ID} was accepted"},
        {"results": [ID]},
    ]
    return combined(_noise, _MADE, TEMPTING, hidden, _BAGGINGS, ARRIVING)


def _told_with_id() -> Drawn:
    """Write a no that names the task which was made all the same."""
    statuses = (429, 429, 429, 400, 402, 403, 404, 408, 409, 413, 422, 424, 425, 500, 503)
    return combined(_noise, statuses, COMPLAINTS, _IDS, _BAGGINGS, ARRIVING)


_ANY_PAGE: Final = (200, 200, 400, 401, 403, 404, 413, 414, 431, 500, 502, 503, 504)


def _pages(statuses: Sequence[int] = _ANY_PAGE, ways: Sequence[Way] = ARRIVING) -> Drawn:
    def page(status: int, body: str, media_type: str, way: Way) -> Answer:
        return Answer("page", status, body, media_type, way=way)

    return combined(page, statuses, PAGES, [PAGE, PAGE, "text/plain", JSON, "application/xml"], ways)


_ANY_EMPTY: Final = (200, 201, 202, 204, 400, 403, 404, 500, 502, 503)


def _empties(statuses: Sequence[int] = _ANY_EMPTY, ways: Sequence[Way] = ARRIVING) -> Drawn:
    def nothing(status: int, way: Way) -> Answer:
        return Answer("nothing", status, way=way)

    return combined(nothing, statuses, ways)


def _own_errors(ways: Sequence[Way] = ARRIVING) -> Drawn:
    statuses = (500, 502, 503, 504, 520, 524, 529, 599)
    return combined(_noise, statuses, COMPLAINTS, [{}], [()], ways)


def _redirects(ways: Sequence[Way] = ARRIVING) -> Drawn:
    def redirect(status: int, body: str, way: Way) -> Answer:
        return Answer("redirect", status, body, PAGE, headers=(("Location", ELSEWHERE),), way=way)

    return combined(redirect, [301, 302, 303, 307, 308], ["", PAGES[0]], ways)


def _refusals(surface: Surface) -> list[Drawn]:
    """Write a refusal that is true: one of the documents', any 4xx in JSON without an id, any 429."""
    statuses = (400, 401, 402, 403, 404, 405, 413, 415, 422, 451, 418)
    return [
        combined(Answer.going, REFUSALS[surface], ARRIVING),
        combined(_noise, statuses, COMPLAINTS, [{}], [()], ARRIVING),
        _too_many(),
    ]


_WAITS: Final = ("", "7", "0", "120", "99999999", "-5", "soon", "Sun, 01 Mar 2026 12:05:00 GMT")


def _too_many() -> Drawn:
    def too_many(body: str, wait: str, way: Way) -> Answer:
        headers = (("Retry-After", wait),) if wait else ()
        return Answer("too many", 429, body, headers=headers, way=way)

    return combined(too_many, [*map(written, COMPLAINTS), *PAGES, ""], _WAITS, ARRIVING)


# ---------------------------------------------------------------- answers to a question


def _odd_status(surface: Surface) -> Drawn:
    def running(word: str, way: Way) -> Answer:
        return Answer("running", 200, document(surface, word), way=way)

    words = [RUNNING[surface], *WORDS_OF_STATES]
    return st.one_of(
        combined(running, words, ARRIVING),
        combined(_noise, [200], TEMPTING, _ENDINGS_OF_OTHERS, _BAGGINGS, ARRIVING),
        combined(_scalar, [200], _SCALARS, ARRIVING),
        _others(surface),
        _pages((200, 200, 403, 404, 404, 500, 502, 503)),
        _empties((200, 204, 404, 500, 503)),
        _own_errors(),
        _too_many(),
        combined(Answer.going, _OTHER_OWNER, ARRIVING),
        _redirects(),
        combined(Answer.going, [UNKNOWN_TASK[surface]], ARRIVING),
        combined(running, words, BROKEN),
    )


_ENDINGS_OF_OTHERS: Final[list[Part]] = [
    {"task_id": OTHER_ID, "status": "failed"},
    {"id": OTHER_ID, "state": "succeeded", "url": OTHER_LINK},
    {"status": "succeeded", "content": {"video_url": OTHER_LINK}},
    {"status": "completed", "url": OTHER_LINK},
    {"status": "failed", "error": "the upstream is away"},
    {"status": "cancelled"},
    {"status": "expired", "message": f"session of {ID} expired"},
    {"status": "error", "path": f"/v1/videos/{ID}"},
    {"task_status": "failed", "task_status_msg": "内部错误"},
    {"deleted": True},
    {},
]
"""What an answer says that is not about our task, whatever it seems to say."""


def _others(surface: Surface) -> Drawn:
    """Write the document of another account's task, or of another one of ours, that has ended."""

    def others(state: str, task_id: str, way: Way) -> Answer:
        body = document(surface, state, task_id=task_id, link=OTHER_LINK, why="not yours")
        return Answer("another task's document", 200, body, way=way)

    ends = [SUCCEEDED[surface], SUCCEEDED[surface], *FAILED[surface]]
    return combined(others, ends, [OTHER_ID, OTHER_ID, SIBLING_ID], ARRIVING)


_OTHER_OWNER: Final = tuple(
    Answer(
        "another owner",
        status,
        written({"error": {"code": "media_resource_access_denied", "message": "another owner's"}}),
    )
    for status in (401, 403)
)


def _odd_file() -> Drawn:
    """Write what comes in the place of a clip that is there: never another task's clip."""
    return st.one_of(
        _pages((200, 500, 502, 503)),
        _own_errors(),
        _too_many(),
        _empties((200, 500, 503)),
        combined(_CLIP.going, (Way.CUT, Way.RESET_WITHIN, Way.CLOSED)),
    )


_CLIP: Final = Answer("clip", 200, CLIP, "video/mp4")
"""The clip itself, which does not arrive whole."""
