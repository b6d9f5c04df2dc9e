"""A channel in plain lines, as a member who looks at it would read it out."""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any


def raw(message: Mapping[str, Any]) -> str:
    """One message: its author, text, files and buttons; mentions and times as codes."""
    parts = [str(message.get("content") or ""), *_components(message.get("components") or [])]
    shown = {name for part in parts for name in part.split() if name.endswith(".mp4")}
    attachments: list[dict[str, Any]] = message.get("attachments") or []
    parts += [
        f"📎 {attachment['filename']} ({attachment['size']:,} bytes)"
        for attachment in attachments
        if attachment["filename"] not in shown
    ]
    who = message["author"].get("global_name") or message["author"]["username"]
    body = "\n".join(part for part in parts if part) or "is thinking…"
    body = re.sub(r"^(-# |> )|[*]{2}", "", body, flags=re.MULTILINE)
    return f"{who}: " + body.replace("\n", "\n    ")


def resolve_codes(text: str, names: Mapping[int, str]) -> str:
    """Write mentions and times as a client shows them. `names` are by user id."""
    text = re.sub(r"<@(\d+)>", lambda match: f"@{names.get(int(match[1]), match[1])}", text)
    return re.sub(r"<t:(\d+):R>", lambda match: _ago(int(match[1])), text)


def _ago(moment: int) -> str:
    return f"{max(0, round(time.time()) - moment)} s ago"


def _components(components: list[dict[str, Any]]) -> Iterator[str]:
    buttons: list[str] = []
    for component in components:
        match component.get("type"):
            case 10:
                yield str(component["content"])
            case 12:
                yield from (f"▶ {_file_name(item)}" for item in component["items"])
            case 2:
                buttons.append(_button(component))
            case _:
                yield from _components(component.get("components") or [])
    if buttons:
        yield " ".join(buttons)


def _file_name(item: Mapping[str, Any]) -> str:
    return str(item["media"]["url"]).split("?", maxsplit=1)[0].rsplit("/", maxsplit=1)[-1]


def _button(component: Mapping[str, Any]) -> str:
    emoji: dict[str, Any] = component.get("emoji") or {}
    return f"[{emoji.get('name') or ''} {component.get('label') or ''}]".replace("[ ", "[").replace(" ]", "]")
