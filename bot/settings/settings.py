"""Every setting, read once from the environment, a `.env` file or secret files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.settings import error_messages, secret_files
from bot.settings import names as setting_names
from bot.settings.checks import half_set, missing, unusable_prices
from bot.settings.secret_files import SecretFiles
from bot.settings.value_types import (
    Budget,
    CommaList,
    Count,
    GatewayAddress,
    Gigabytes,
    Hosts,
    Limit,
    LinkDays,
    ListenAddress,
    OperatorIds,
    Places,
    PlacesAtMost,
    PublicAddress,
    Rate,
    Seconds,
    Secret,
    SocketAddress,
    Statuses,
    WebAddress,
)
from providers import GATEWAYS, SURFACES, AnyInt, WorldRouter

PROVIDERS: Final = tuple(SURFACES)
_USUAL: Final = tuple(surface.surface for surface in GATEWAYS.values())


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


class SettingsUnusable(Exception):
    """Each problem is a sentence that starts with the name of the setting."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(dict.fromkeys(problems))
        super().__init__("\n".join(self.problems))


class Settings(BaseSettings):
    """Names and meanings are part of the program's outer face: they do not change."""

    model_config = SettingsConfigDict(
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        env_file=secret_files.DOTENV,
        env_file_encoding=secret_files.ENCODING,
    )

    # First, since the addresses below are checked against it.
    matinee_allow_private_hosts: Hosts = Field(
        (), description="comma list of exact `host:port` that may be contacted though private or plain http"
    )
    discord_token: Secret = Field(None, description="the bot's token")
    discord_api_url: WebAddress | None = Field(
        None,
        description="base of the REST API including the version, such as `http://127.0.0.1:8200/api/v10`, "
        "for a proxy or a stand-in; by default Discord's",
    )
    discord_gateway_url: SocketAddress | None = Field(
        None,
        description="address of the gateway, such as `ws://127.0.0.1:8200/gateway`; by default Discord's",
    )
    discord_cdn_url: WebAddress | None = Field(
        None, description="base of attachment links that count as Discord's own; by default Discord's"
    )
    anyint_api_key: Secret = Field(None, description="key of the AnyInt gateway")
    anyint_base_url: GatewayAddress = Field(
        AnyInt.default_base_url, description="address of the AnyInt gateway"
    )
    worldrouter_api_key: Secret = Field(None, description="team key of the WorldRouter gateway")
    worldrouter_base_url: GatewayAddress = Field(
        WorldRouter.default_base_url, description="address of the WorldRouter gateway"
    )
    matinee_providers: CommaList = Field(
        (),
        description="which surfaces are used, in order of preference: a comma list of "
        f"{_quoted(SURFACES)}; by default each of {_quoted(_USUAL)} that has a key",
    )
    matinee_undocumented_options: bool = Field(
        default=False,
        description="`true` offers what Kling documents and the gateway does not, such as clips of 3 to 15 "
        "seconds; the gateway may refuse it, ignore it or charge more for it",
    )
    matinee_anyint_safe_statuses: Statuses = Field(
        (),
        description="comma list of HTTP statuses, such as `503`, with which AnyInt, in an error of its own, "
        "never makes anything: you vouch for that. Such a request is sent again, which pays twice if you "
        "are wrong",
    )
    matinee_anyint_external_task_id: bool = Field(
        default=False,
        description="`true` sends a job's own id to `anyint-native`, as `external_task_id`, and finds a "
        "request that was not confirmed by it; Kling documents that, AnyInt does not",
    )
    matinee_prices_file: Path | None = Field(
        None,
        description="JSON file of US dollars a second by provider, model, mode and audio, such as "
        '`{"anyint": {"kling-3.0": {"std": 0.08}}}`; by default built-in estimates',
    )
    matinee_data_dir: Path = Field(Path("data"), description="folder of the database, videos and backups")
    matinee_database_url: str | None = Field(
        None, description="`sqlite:///path` of the database; by default a file in the data folder"
    )
    matinee_keep_days: Count = Field(
        30,
        description="days that the file of a delivered video, and of a picture, is kept after its last use; "
        "0 keeps no videos, and pictures for two days",
    )
    matinee_disk_quota_gb: Gigabytes = Field(
        20,
        description="gigabytes that the files of videos may take; the least recently used go first, and "
        "never one that was not delivered",
    )
    matinee_poll_first_seconds: Seconds = Field(
        10, description="seconds until a new task is first asked about"
    )
    matinee_poll_min_seconds: Seconds = Field(
        2, description="the shortest gap between two questions, in seconds"
    )
    matinee_poll_max_seconds: Seconds = Field(
        60, description="the longest gap between two questions, in seconds"
    )
    matinee_polls_per_second: Rate = Field(10, description="questions a second, in all, that are aimed at")
    matinee_create_read_timeout_seconds: Seconds = Field(
        120, description="seconds that a paid request may stay unanswered before its outcome is unknown"
    )
    matinee_budget_usd_per_day: Budget = Field(
        None, description="US dollars that all videos of a calendar day (UTC) may cost together"
    )
    matinee_budget_usd_per_month: Budget = Field(
        None, description="US dollars that all videos of a calendar month (UTC) may cost together"
    )
    matinee_server_budget_usd_per_day: Budget = Field(
        None, description="US dollars that the videos of each server may cost in a day"
    )
    matinee_server_budget_usd_per_month: Budget = Field(
        None, description="US dollars that the videos of each server may cost in a month"
    )
    matinee_server_running: PlacesAtMost = Field(
        None,
        description="videos of a server that are made at once; further ones wait for their turn. Those in "
        "direct messages are no server's",
    )
    matinee_member_videos_per_day: Limit = Field(
        None, description="videos that a member may order in a day; those that made nothing do not count"
    )
    matinee_member_running: Places = Field(
        3, description="videos of a member that are made at once; further ones wait for their turn"
    )
    matinee_member_open_jobs: Limit = Field(
        None, description="videos that a member may have under way, waiting ones and unclear ones among them"
    )
    matinee_provider_running: Places = Field(
        32, description="videos that are made at once in all, at most what the provider takes"
    )
    matinee_http_listen: ListenAddress | None = Field(
        None,
        description="`host:port` of the bot's own web server, such as `127.0.0.1:8080`: `/healthz`, "
        "`/readyz`, `/metrics` and `/v/…`, the links to videos; off by default",
    )
    matinee_metrics_token: Secret = Field(
        None,
        description="what `/metrics` must be asked with (`Authorization: Bearer …`); by default it answers "
        "whoever reaches the server directly, not through a proxy that says so",
    )
    matinee_public_url: PublicAddress | None = Field(
        None,
        description="https address under which the world reaches that server, such as "
        "`https://videos.example.org`; links to its videos are only given out when it is set",
    )
    matinee_link_days: LinkDays = Field(
        7, description="days that a link to a video lives, 7 at most; a bucket's links too"
    )
    matinee_s3_bucket: str | None = Field(
        None,
        description="S3-compatible bucket from which videos that are too large for Discord are linked; "
        "it needs the extra `s3`, which the image has",
    )
    matinee_s3_endpoint: GatewayAddress | None = Field(
        None, description="address of the bucket's service; by default Amazon's own in that region"
    )
    matinee_s3_region: str = Field("us-east-1", description="region of the bucket")
    matinee_s3_access_key_id: str | None = Field(
        None, description="id of a key that may list, read, write and delete in the bucket"
    )
    matinee_s3_secret_access_key: Secret = Field(None, description="the key itself")
    matinee_operators: OperatorIds = Field(
        (),
        description="comma list of Discord user ids that are told by direct message what only they can mend",
    )
    matinee_log_format: Literal["console", "json"] | None = Field(
        None, description="`console` or `json`; by default `console` on a terminal, else `json`"
    )
    matinee_log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="`debug`, `info`, `warning` or `error`"
    )

    @classmethod
    def load(cls, needs: Collection[str] = (), *, surfaces: Collection[str] = ()) -> Self:
        """Read and check all settings. Raise SettingsUnusable with every problem there is.

        `needs` names what the command cannot work without: `discord`, `provider`. `surfaces` are the
        providers that it uses instead of those of MATINEE_PROVIDERS.
        """
        names = _given_values()
        problems = [*secret_files.unread_lines(), *secret_files.contradictions()]
        problems += [*cls._names(names).problems, *secret_files.problems(cls)]
        try:
            settings = cls()  # pyright: ignore[reportCallIssue] - the values come from the sources
        except ValidationError as error:
            problems += [error_messages.sentence(entry) for entry in error.errors()]
            raise SettingsUnusable([*problems, *missing(names, surfaces, needs)]) from error
        problems += [*missing(names, surfaces or settings.matinee_providers, needs), *half_set(names)]
        problems += unusable_prices(
            settings.matinee_prices_file, undocumented=settings.matinee_undocumented_options
        )
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

    @field_validator("matinee_providers")
    @classmethod
    def _known_providers(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not set(names) <= set(PROVIDERS):
            raise ValueError(f"must be a comma list of {', '.join(PROVIDERS)}")
        return tuple(dict.fromkeys(names))

    @field_validator("matinee_database_url")
    @classmethod
    def _sqlite(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith("sqlite:///"):
            raise ValueError("only sqlite:///path is supported")
        return url

    @classmethod
    def warnings(cls) -> list[str]:
        """Return what is not as it should be and does no harm. No value is in it."""
        strange = cls._names(_given_values()).strange
        ignored = [f"{', '.join(strange)} {setting_names.NO_EFFECT}"] if strange else []
        limits = {name.upper() for name in cls.model_fields if setting_names.bounds_spending(name)}
        open_ended = [
            f"{name} {setting_names.NO_LIMIT}" for name in secret_files.blank_names() if name in limits
        ]
        return [*ignored, *open_ended, *map(str, cls.exposed())]

    @classmethod
    def exposed(cls) -> list[secret_files.Exposed]:
        """Find the files with secrets that other users of this machine can read or change."""
        return list(secret_files.exposed_files(cls))

    @classmethod
    def _names(cls, given: Iterable[str]) -> setting_names.Names:
        secrets = [name.upper() for name, field in cls.model_fields.items() if secret_files.is_secret(field)]
        own = [name for name, _ in secret_files.dotenv_pairs()]
        return setting_names.check_names(given, [name.upper() for name in cls.model_fields], secrets, own)

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
        return tuple(GATEWAYS[gateway].surface for gateway in self.keys)

    @property
    def keys(self) -> dict[str, str]:
        """The keys that there are, by gateway: a gateway's settings begin with its name."""
        found: dict[str, SecretStr | None] = {name: getattr(self, f"{name}_api_key") for name in GATEWAYS}
        return {name: key.get_secret_value() for name, key in found.items() if key is not None}

    @property
    def base_urls(self) -> dict[str, str]:
        """The address of every gateway."""
        return {name: getattr(self, f"{name}_base_url") for name in GATEWAYS}

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value, for the log to hide."""
        others = (self.discord_token, self.matinee_s3_secret_access_key)
        return (*(secret.get_secret_value() for secret in others if secret is not None), *self.keys.values())


def _given_values() -> Mapping[str, str]:
    """Return everything that has a value, right or wrong. Raise SettingsUnusable."""
    try:
        return secret_files.given_values()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsUnusable([f".env: the file cannot be read ({type(error).__name__})."]) from error
