"""Lets commands share options: a dataclass declares each once, Discord sees its fields as single options."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import wraps
from typing import Any, Final, Protocol, TypeVar, cast, get_args, get_type_hints

import discord
from discord import app_commands

CommandT = TypeVar("CommandT", bound=Callable[..., Coroutine[Any, Any, None]])

_OWN: Final = 2
"""What every command gets beside its options: the cog and the interaction."""


class _Signed(Protocol):
    """A function that says what it takes (PEP 362): discord.py reads that, and not what it was wrapped in."""

    __signature__: inspect.Signature


@dataclass(frozen=True, slots=True)
class Option:
    """An option as Discord shows it: its description, and its choices where it has some."""

    words: str
    choices: Sequence[app_commands.Choice[str]] = ()


def expand_options(method: CommandT) -> CommandT:
    """Make a command's callback of a method whose arguments are options, or dataclasses of options.

    The type of an option is `Annotated[…, Option(…)]`. It may be left out where it has a default.
    """
    own, arguments = _arguments(method)
    options = [option for argument in arguments for option in _options(argument)]

    @wraps(method)
    async def command(cog: object, interaction: discord.Interaction, **chosen: object) -> None:
        given = {argument.name: _argument(argument, chosen) for argument in arguments}
        await method(cog, interaction, **given)

    signed: _Signed = cast("Any", command)
    signed.__signature__ = inspect.Signature([*own, *map(_bare, options)])
    said = {option.name: _option_of(option) for option in options}
    lists = {name: list(says.choices) for name, says in said.items() if says.choices}
    _ = app_commands.describe(**{name: says.words for name, says in said.items()})(command)
    _ = app_commands.choices(**lists)(command)
    return cast("CommandT", command)


def _arguments(method: Callable[..., object]) -> tuple[list[inspect.Parameter], list[inspect.Parameter]]:
    """Return the arguments of every command, and those of this one, with resolved types."""
    types = get_type_hints(method, include_extras=True)
    parameters = list(inspect.signature(method).parameters.values())
    arguments = [parameter.replace(annotation=types[parameter.name]) for parameter in parameters[_OWN:]]
    return parameters[:_OWN], arguments


def _options(argument: inspect.Parameter) -> list[inspect.Parameter]:
    """Return the options that an argument stands for."""
    kind = argument.annotation
    if not is_dataclass(kind):
        return [argument.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
    types = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=types[field.name],
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
        )
        for field in fields(kind)
    ]


def _argument(argument: inspect.Parameter, chosen: Mapping[str, object]) -> object:
    """Build an argument from what a member chose."""
    kind = argument.annotation
    if not is_dataclass(kind):
        return chosen[argument.name]
    fold = cast("Callable[..., object]", kind)
    return fold(**{field.name: chosen[field.name] for field in fields(kind)})


def _option_of(option: inspect.Parameter) -> Option:
    says: Option = get_args(option.annotation)[1]
    return says


def _bare(option: inspect.Parameter) -> inspect.Parameter:
    """Leave to discord.py only what it knows: the type."""
    return option.replace(annotation=get_args(option.annotation)[0])
