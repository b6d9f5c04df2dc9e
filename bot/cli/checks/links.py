"""Checks where members can open videos that are too large for a message."""

from __future__ import annotations

from bot.cli.checks.finding import Finding, failed, noted, passed
from bot.compose.links import opened_bucket
from bot.settings.settings import Settings, SettingsUnusable
from core.model.errors import StoreError


async def check(settings: Settings) -> list[Finding]:
    """Ask the bucket, if there is one, and say what our own server shows."""
    findings = [*await _bucket(settings), *_own(settings)]
    hint = "Set MATINEE_PUBLIC_URL, or a bucket: else a video may be too large for every place."
    return findings or [noted("links", f"none of our own. {hint}")]


async def _bucket(settings: Settings) -> list[Finding]:
    try:
        bucket = opened_bucket(settings)
        if bucket is None:
            return []
        await bucket.check()
    except SettingsUnusable as error:
        return [failed("bucket", str(error))]
    except StoreError as trouble:
        hint = "Check the MATINEE_S3_ settings, and that the key may list, read, write and delete."
        return [failed("bucket", f"{settings.matinee_s3_bucket}: {trouble}. {hint}")]
    return [passed("bucket", f"{settings.matinee_s3_bucket} answers and takes the key")]


def _own(settings: Settings) -> list[Finding]:
    url, place = settings.matinee_public_url, settings.matinee_http_listen
    if place is None:
        return []
    if url is None:
        hint = "Links to videos need MATINEE_PUBLIC_URL, too."
        return [noted("web server", f"shows health and metrics at {place}. {hint}")]
    days = settings.matinee_link_days
    return [passed("web server", f"listens at {place}; links to {url} live for {days:g} days")]
