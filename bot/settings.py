"""Every setting, read once from the environment, a `.env` file or secret files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

PROVIDERS: Final = ("anyint", "anyint-native", "worldrouter")
_KEY_OF: Final = {
    "anyint": "ANYINT_API_KEY",
    "anyint-native": "ANYINT_API_KEY",
    "worldrouter": "WORLDROUTER_API_KEY",
}
_LOOPBACK: Final = {"127.0.0.1", "::1", "localhost"}


def _listed(value: object) -> object:
    """Split a comma list; anything else is left to the field's own type."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
OperatorIds = Annotated[tuple[int, ...], NoDecode, BeforeValidator(_listed)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class SettingsUnusable(Exception):
    """Each problem is a sentence that starts with the name of the setting."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class Settings(BaseSettings):
    """Names and meanings are part of the program's outer face: they do not change."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, env_ignore_empty=True, env_file=".env", env_file_encoding="utf-8"
    )

    # First, since the addresses below are checked against it.
    matinee_allow_private_hosts: CommaList = Field(
        (), description="comma list of exact `host:port` that may be contacted though private or plain http"
    )
    discord_token: SecretStr | None = Field(None, description="the bot's token")
    discord_api_url: str | None = Field(
        None, description="base of Discord's REST API including the version, for a proxy or a stand-in"
    )
    discord_gateway_url: str | None = Field(None, description="address of Discord's gateway, likewise")
    discord_cdn_url: str | None = Field(
        None, description="base of attachment links that count as Discord's own, likewise"
    )
    anyint_api_key: SecretStr | None = Field(None, description="key of the AnyInt gateway")
    anyint_base_url: str = Field("https://api.anyint.ai", description="address of the AnyInt gateway")
    worldrouter_api_key: SecretStr | None = Field(None, description="team key of the WorldRouter gateway")
    worldrouter_base_url: str = Field(
        "https://inference-api-pre-d80ca3.worldrouter.ai", description="address of the WorldRouter gateway"
    )
    matinee_providers: CommaList = Field(
        (),
        description="which surfaces are used, in order of preference: a comma list of `anyint`, "
        "`anyint-native`, `worldrouter`; by default each of `anyint`, `worldrouter` that has a key",
    )
    matinee_data_dir: Path = Field(Path("data"), description="folder of the database, videos and backups")
    matinee_database_url: str | None = Field(
        None, description="`sqlite:///path` of the database; by default a file in the data folder"
    )
    matinee_poll_first_seconds: Seconds = Field(10, description="when a new task is first asked about")
    matinee_poll_min_seconds: Seconds = Field(2, description="the shortest gap between two questions")
    matinee_poll_max_seconds: Seconds = Field(60, description="the longest gap between two questions")
    matinee_create_read_timeout_seconds: Seconds = Field(
        120, description="how long a paid request may stay unanswered before its outcome is unknown"
    )
    matinee_operators: OperatorIds = Field((), description="Discord user ids that may run operator commands")
    matinee_log_format: Literal["console", "json"] | None = Field(
        None, description="`console` or `json`; by default `console` on a terminal, else `json`"
    )
    matinee_log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="`debug`, `info`, `warning` or `error`"
    )

    @classmethod
    def load(cls, needs: Iterable[str] = ()) -> Self:
        """Read and check all settings. Raise SettingsUnusable with every problem there is.

        `needs` names what the command cannot work without: `discord`, `provider`.
        """
        try:
            settings = cls()  # pyright: ignore[reportCallIssue] - the values come from the sources
        except ValidationError as error:
            problems = [_sentence(entry["loc"], entry["msg"]) for entry in error.errors()]
            raise SettingsUnusable(problems + _missing(cls._given(), (), needs)) from error
        problems = _missing(settings.model_fields_set, settings.matinee_providers, needs)
        if problems:
            raise SettingsUnusable(problems)
        return settings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Add files that are named by `NAME_FILE`, below the environment and `.env`."""
        return (init_settings, env_settings, dotenv_settings, SecretFiles(settings_cls), file_secret_settings)

    @classmethod
    def _given(cls) -> set[str]:
        """Which settings have a value, right or wrong."""
        names = {**dotenv_values(".env"), **os.environ}
        return {
            field
            for field in cls.model_fields
            if names.get(field.upper()) or names.get(f"{field.upper()}_FILE")
        }

    @field_validator("discord_api_url", "discord_cdn_url", "anyint_base_url", "worldrouter_base_url")
    @classmethod
    def _web_address(cls, url: str | None, info: ValidationInfo) -> str | None:
        if url is None:
            return None
        parts = _split(url, {"http", "https"})
        listed = f"{parts.hostname}:{parts.port or 80}"
        if (
            str(info.field_name).endswith("base_url")
            and parts.scheme == "http"
            and parts.hostname not in _LOOPBACK
            and listed not in info.data.get("matinee_allow_private_hosts", ())
        ):
            raise ValueError(
                f"{url} would send the key unencrypted. "
                f"Use https, or list {listed} in MATINEE_ALLOW_PRIVATE_HOSTS"
            )
        return url.rstrip("/")

    @field_validator("discord_gateway_url")
    @classmethod
    def _socket_address(cls, url: str | None) -> str | None:
        if url is not None:
            _split(url, {"ws", "wss"})
        return url

    @field_validator("matinee_providers")
    @classmethod
    def _known_providers(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in names if name not in PROVIDERS]
        if unknown:
            raise ValueError(f"{', '.join(unknown)} is none of {', '.join(PROVIDERS)}")
        return tuple(dict.fromkeys(names))

    @field_validator("matinee_allow_private_hosts")
    @classmethod
    def _host_and_port(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            name, _, port = host.rpartition(":")
            if not name or not port.isdigit():
                raise ValueError(f"{host} is not of the form host:port")
        return tuple(host.lower() for host in hosts)

    @field_validator("matinee_database_url")
    @classmethod
    def _sqlite(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith("sqlite:///"):
            raise ValueError("only sqlite:///path is supported")
        return url

    @property
    def database_path(self) -> Path:
        if self.matinee_database_url is not None:
            return Path(self.matinee_database_url.removeprefix("sqlite:///"))
        return self.matinee_data_dir / "matinee.db"

    @property
    def providers(self) -> tuple[str, ...]:
        """The surfaces in use, the preferred one first: those named, or those that have a key."""
        if self.matinee_providers:
            return self.matinee_providers
        keys = {"anyint": self.anyint_api_key, "worldrouter": self.worldrouter_api_key}
        return tuple(name for name, key in keys.items() if key is not None)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for whoever keeps them out of logs."""
        values = (self.discord_token, self.anyint_api_key, self.worldrouter_api_key)
        return tuple(value.get_secret_value() for value in values if value is not None)


class SecretFiles(PydanticBaseSettingsSource):
    """Reads a secret from the file that `NAME_FILE` names, as container secrets are handed over."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = f"{field_name.upper()}_FILE"
        path = os.environ.get(name) or dotenv_values(".env").get(name)
        if not path or field.annotation != SecretStr | None:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            problem = f"{name}: the file {path} cannot be read ({type(error).__name__})."
            raise SettingsUnusable([problem]) from error

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields.items()
        values = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in values.items() if value}


def _missing(given: set[str], surfaces: Iterable[str], needs: Iterable[str]) -> list[str]:
    problems: list[str] = []
    if "discord" in needs and "discord_token" not in given:
        problems.append("DISCORD_TOKEN: missing. Copy the token from the Bot page of your application.")
    if "provider" in needs:
        keys = dict.fromkeys(_KEY_OF[surface] for surface in surfaces)
        lacking = [key for key in keys if key.lower() not in given]
        problems += [f"{key}: missing, though MATINEE_PROVIDERS needs it." for key in lacking]
        if not keys and not {"anyint_api_key", "worldrouter_api_key"} & given:
            problems.append("ANYINT_API_KEY or WORLDROUTER_API_KEY: missing. One of them is needed.")
    return problems


def _split(url: str, schemes: set[str]) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname or parts.port == 0:
        raise ValueError(f"{url} is not an address that starts with {' or '.join(sorted(schemes))}")
    return parts


def _sentence(location: tuple[int | str, ...], message: str) -> str:
    name = str(location[0]).upper() if location else "settings"
    return f"{name}: {message.removeprefix('Value error, ')}."
