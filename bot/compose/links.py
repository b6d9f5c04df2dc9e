"""Builds the links that the settings ask for: their kinds, and what our own server shows."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.settings.settings import Settings, SettingsUnusable
from core.delivery.signed_links import PICTURES, LinkKey, Signer
from core.ports import ClipStore, Clock
from providers import SURFACES
from storage.files import link_keys
from storage.files.pictures import FolderPictures
from storage.sqlite.database import Database
from storage.sqlite.jobs import SqliteJobStore
from storage.sqlite.shared_links import SqliteSharedLinks
from web.links.gateway_links import GatewayLinks
from web.links.link_context import LinkContext
from web.links.picture_links import PictureLinks
from web.links.video_links import BucketLinks, Kind, LinkKinds, OwnLinks

if TYPE_CHECKING:
    from storage.bucket import Bucket

KEYS: Final = "link-keys.json"


@dataclass(frozen=True, slots=True)
class Sharing:
    """How files are shared by link. `context` and `pictures` are None where our own server shows none."""

    links: LinkKinds
    context: LinkContext | None
    pictures: PictureLinks | None


async def sharing(
    settings: Settings, clock: Clock, database: Database, clips: ClipStore, picture_store: FolderPictures
) -> Sharing:
    """Build it all. Raise SettingsUnusable or StoreUnusable."""
    lifetime = timedelta(days=settings.matinee_link_days)
    keys = await _keys(settings, clock)
    link_context = _showing(settings, clock, database, clips, keys)
    bucket = opened_bucket(settings)
    kinds: list[Kind] = [] if bucket is None else [BucketLinks(bucket, clips, clock, lifetime)]
    if link_context is not None:
        kinds.append(
            OwnLinks(
                signer=link_context.signer,
                shared=link_context.shared,
                clips=clips,
                clock=clock,
                public_url=link_context.address,
                lifetime=lifetime,
            )
        )
    return Sharing(
        LinkKinds([*kinds, gateway_links(settings)]),
        link_context,
        _pictures(settings, clock, picture_store, keys),
    )


async def _keys(settings: Settings, clock: Clock) -> Sequence[LinkKey]:
    """Return the keys of our own server: none, unless it has a public address."""
    if settings.matinee_http_listen is None or settings.matinee_public_url is None:
        return ()
    return await asyncio.to_thread(
        link_keys.open_keys, settings.matinee_data_dir / KEYS, clock.now(), secrets.token_bytes
    )


def _showing(
    settings: Settings, clock: Clock, database: Database, clips: ClipStore, keys: Sequence[LinkKey]
) -> LinkContext | None:
    if settings.matinee_public_url is None or not keys:
        return None
    return LinkContext(
        address=settings.matinee_public_url,
        signer=Signer(keys),
        shared=SqliteSharedLinks(database),
        store=SqliteJobStore(database),
        clips=clips,
        clock=clock,
    )


def _pictures(
    settings: Settings, clock: Clock, picture_store: FolderPictures, keys: Sequence[LinkKey]
) -> PictureLinks | None:
    if settings.matinee_public_url is None or not keys:
        return None
    signer = Signer(keys, PICTURES)
    return PictureLinks(
        signer=signer, picture_store=picture_store, clock=clock, public_url=settings.matinee_public_url
    )


def opened_bucket(settings: Settings) -> Bucket | None:
    """Return the bucket, None where there is none. Raise SettingsUnusable where its extra is missing."""
    name, key, secret = (
        settings.matinee_s3_bucket,
        settings.matinee_s3_access_key_id,
        settings.matinee_s3_secret_access_key,
    )
    if name is None or key is None or secret is None:
        return None
    try:
        from storage.bucket import Account, Bucket  # noqa: PLC0415 - an extra: only a bucket needs it
    except ImportError as error:
        raise SettingsUnusable(
            ["MATINEE_S3_BUCKET: needs the extra s3. Install it with: pip install 'matinee[s3]'."]
        ) from error
    endpoint = settings.matinee_s3_endpoint
    return Bucket(Account(name, settings.matinee_s3_region, key, secret.get_secret_value(), endpoint))


def gateway_links(settings: Settings) -> GatewayLinks:
    """Return which gateways' links may be shown, and which must not be, from wherever they come."""
    closed = [surface for surface in SURFACES.values() if not surface.has_public_links]
    addresses = {settings.base_urls[surface.gateway] for surface in closed}
    return GatewayLinks(
        public=frozenset(name for name, surface in SURFACES.items() if surface.has_public_links),
        closed=frozenset(addresses | {surface.default_base_url for surface in closed}),
        listed=frozenset(settings.matinee_allow_private_hosts),
    )
