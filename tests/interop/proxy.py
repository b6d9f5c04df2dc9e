"""LiteLLM's proxy as a process on loopback, in front of the upstream: a gateway from another project."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

KEY: Final = "sk-3f1be0a3c9d24d7c8a5e6b1f0c7d2e94"
"""The proxy's own: it refuses to start with one that is short or well known."""

_BUDGET: Final = {"max_budget": 0.01, "budget_duration": "1d"}
"""US dollars: less than one clip. Then nothing more is answered, until a restart forgets what was spent."""

_READY_SECONDS: Final = 300
_QUIET: Final = {
    "DISABLE_ADMIN_UI": "True",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # otherwise prices are fetched from the network
    "LITELLM_TELEMETRY": "False",
    "LITELLM_TELEMETRY_DISABLED": "True",
    "PYTHONUNBUFFERED": "1",
    "SERVER_ROOT_PATH": "/openai",
}


@dataclass(slots=True)
class Proxy:
    """Serves two gateways from one process, at an address that outlives it.

    At `own`, AnyInt's routes meet LiteLLM's own video API, since it is served under `/openai`. At `through`,
    they are passed on as they are.
    """

    program: str
    folder: Path
    upstream: str
    port: int = field(default_factory=lambda: _free_port())  # noqa: PLW0108 - it is defined below
    _process: asyncio.subprocess.Process | None = None

    @property
    def own(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def through(self) -> str:
        return f"{self.own}/openai/anyint"

    async def start(self, upstream_key: str) -> None:
        """Start it with this key of the upstream's. Return when it answers."""
        config = self.folder / "litellm.json"
        config.write_text(json.dumps(self._config(upstream_key)))
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(self.program, "--config", str(config), "--telemetry", "False"),
                *("--host", "127.0.0.1", "--port", str(self.port)),
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **_QUIET},
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(_READY_SECONDS):
            while not await self._answers():
                assert self._process.returncode is None, self.said()[-3000:]
                await asyncio.sleep(0.1)

    async def kill(self) -> None:
        """End it as a power cut does."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    def said(self) -> str:
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.folder / "litellm.log"

    async def _answers(self) -> bool:
        try:
            async with (
                aiohttp.ClientSession() as requester,
                requester.get(f"{self.own}/openai/health/liveliness") as said,
            ):
                return said.ok
        except aiohttp.ClientError:
            return False

    def _config(self, upstream_key: str) -> Mapping[str, object]:
        """JSON is YAML, too."""
        deployment = {"model": "openai/sora-2", "api_base": f"{self.upstream}/v1", "api_key": upstream_key}
        route = {
            "path": "/anyint",
            "target": self.upstream,
            "include_subpath": True,
            "headers": {"Authorization": f"Bearer {upstream_key}"},
        }
        return {
            "model_list": [
                {"model_name": "kling-3.0", "litellm_params": deployment},
                {"model_name": "kling-v3-omni", "litellm_params": deployment | _BUDGET},
            ],
            "general_settings": {"master_key": KEY, "pass_through_endpoints": [route]},
        }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
