"""Secrets in files: `NAME_FILE` names the file of the secret `NAME`."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.settings.names import is_ours

DOTENV: Final = Path(".env")
ENCODING: Final = "utf-8-sig"
"""Some editors begin a file with a byte-order mark, which is no part of the first name."""
_HANDED_OVER: Final = Path("/run/secrets")
"""Docker's own folder, whose modes Docker chooses."""


@dataclass(frozen=True, slots=True)
class Exposed:
    """A file with a secret that other users of the machine can read or change; `name` is its setting."""

    name: str
    path: Path
    mode: int
    owner: int

    @property
    def is_writable(self) -> bool:
        """Whether other users can change it, and so have the bot send a key to an address of theirs."""
        return bool(self.mode & (stat.S_IWGRP | stat.S_IWOTH))

    def __str__(self) -> str:
        can = "read and changed" if self.is_writable else "read"
        file = shlex.quote(str(self.path))
        mine = "" if os.geteuid() in {0, self.owner} else f"chown {os.geteuid()} {file} && "
        return (
            f"{self.name}: the file {self.path} can be {can} by other users of this machine "
            f"(mode {self.mode:03o}). Type: {mine}chmod 600 {file}"
        )


def given_values() -> dict[str, str]:
    """Return every value of the environment and `.env`. Raise OSError or UnicodeDecodeError."""
    both = {**dotenv_values(DOTENV, encoding=ENCODING), **os.environ}
    return {name: value for name, value in both.items() if value and value.strip()}


def unread_lines() -> Iterator[str]:
    """Return lines of `.env` that look like a setting and give none. Raise OSError or UnicodeDecodeError."""
    if not DOTENV.is_file():
        return
    with DOTENV.open(encoding=ENCODING) as file:
        for binding in parse_stream(file):
            if (binding.error or binding.value is None) and is_ours(binding.original.string.strip()):
                yield f".env: line {binding.original.line} gives no value. Write it as NAME=value."


def contradictions() -> Iterator[str]:
    """Return the settings with two values in one place. Raise OSError or UnicodeDecodeError."""
    for place, pairs in ((" in .env", dotenv_pairs()), ("", os.environ.items())):
        values: dict[str, set[str]] = {}
        for name, value in pairs:
            if is_ours(name):
                values.setdefault(name.upper(), set()).add(value.strip())
        for name, different in values.items():
            if len(different) > 1:
                yield f"{name}: stands twice{place}, with different values. Take out the wrong one."


def dotenv_pairs() -> list[tuple[str, str]]:
    """Return every name of `.env` with its value, also twice. Raise OSError or UnicodeDecodeError."""
    if not DOTENV.is_file():
        return []
    with DOTENV.open(encoding=ENCODING) as file:
        return [(one.key, one.value) for one in parse_stream(file) if one.key and one.value is not None]


def blank_names() -> list[str]:
    """Return the names that are given without a value, and nowhere with one. Raise as `dotenv_pairs`."""
    pairs = [*dotenv_pairs(), *os.environ.items()]
    filled = {name.upper() for name, value in pairs if value.strip()}
    return sorted({name.upper() for name, value in pairs if not value.strip()} - filled)


def is_secret(field: FieldInfo) -> bool:
    return field.annotation == SecretStr | None


def problems(settings: type[BaseSettings]) -> Iterator[str]:
    """Say of each secret's file why it cannot be used, where it cannot."""
    for name, path in _secret_paths(settings):
        problem = _problem(path)
        if problem is not None:
            yield f"{name.upper()}_FILE: {problem}"


def exposed_files(settings: type[BaseSettings]) -> Iterator[Exposed]:
    """Find secrets' files, `.env` among them, that other users can read or change.

    Where `.env` holds no secret, only changing it does harm.
    """
    if os.name == "nt":
        return  # on Windows a mode does not show this
    secrets = {name.upper() for name, field in settings.model_fields.items() if is_secret(field)}
    holds_secret = any(map(dotenv_values(DOTENV, encoding=ENCODING).get, secrets))
    found = _exposed_file(".env", DOTENV)
    if found is not None and (holds_secret or found.is_writable):
        yield found
    for name, path in _secret_paths(settings):
        found = _exposed_file(f"{name.upper()}_FILE", path)
        if found is not None:
            yield found


def _exposed_file(name: str, path: Path) -> Exposed | None:
    """Return nothing where only the owner can get at a file, or where there is none."""
    try:
        place, status = path.resolve(), path.stat()
    except OSError:
        return None
    mode = stat.S_IMODE(status.st_mode)
    is_open = mode & (stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH)
    if not is_open or place.is_relative_to(_HANDED_OVER):
        return None
    return Exposed(name, path, mode, status.st_uid)


class SecretFiles(PydanticBaseSettingsSource):
    """Reads every secret whose file can be read; `problems` tells of the others."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = dict(_secret_paths(self.settings_cls)).get(field_name) if is_secret(field) else None
        readable = path is not None and _problem(path) is None
        return (_content(path) if path and readable else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields.items()
        values = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in values.items() if value}


def _secret_paths(settings: type[BaseSettings]) -> Iterator[tuple[str, Path]]:
    names = given_values()
    for name, field in settings.model_fields.items():
        path = names.get(f"{name.upper()}_FILE")
        if is_secret(field) and path and not names.get(name.upper()):
            yield name, Path(path)


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _problem(path: Path) -> str | None:
    try:
        return None if _content(path) else f"the file {path} is empty."
    except (OSError, UnicodeDecodeError) as error:
        return f"the file {path} cannot be read ({type(error).__name__})."
