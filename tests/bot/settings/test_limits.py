from __future__ import annotations

import pytest

from bot.compose.limits import limits
from bot.settings.settings import Settings, SettingsUnusable
from core.model.ledger import Measure, Scope, Window
from core.model.limits import Limit


def test_out_of_the_box_nothing_is_limited() -> None:
    loaded = Settings.load()

    assert limits(loaded) == []
    assert (loaded.matinee_member_running, loaded.matinee_provider_running) == (3, 32)
    assert loaded.matinee_server_running is None


def test_every_setting_is_a_limit_and_a_members_own_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MATINEE_BUDGET_USD_PER_DAY": "25",
        "MATINEE_BUDGET_USD_PER_MONTH": "300.50",
        "MATINEE_SERVER_BUDGET_USD_PER_DAY": "0.01",
        "MATINEE_SERVER_BUDGET_USD_PER_MONTH": "0",
        "MATINEE_MEMBER_VIDEOS_PER_DAY": "20",
        "MATINEE_MEMBER_OPEN_JOBS": "9",
    }.items():
        monkeypatch.setenv(name, value)

    assert limits(Settings.load()) == [
        Limit(scope=Scope.MEMBER, measure=Measure.OPEN_JOBS, window=Window.NONE, most=9),
        Limit(scope=Scope.MEMBER, measure=Measure.VIDEOS, window=Window.DAY, most=20),
        Limit(scope=Scope.SERVER, measure=Measure.MONEY, window=Window.DAY, most=10_000),
        Limit(scope=Scope.SERVER, measure=Measure.MONEY, window=Window.MONTH, most=0),
        Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.DAY, most=25_000_000),
        Limit(scope=Scope.BOT, measure=Measure.MONEY, window=Window.MONTH, most=300_500_000),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MATINEE_BUDGET_USD_PER_DAY", "-1"),
        ("MATINEE_BUDGET_USD_PER_MONTH", "nan"),
        ("MATINEE_SERVER_BUDGET_USD_PER_DAY", "ten"),
        ("MATINEE_SERVER_BUDGET_USD_PER_MONTH", "1e99"),
        ("MATINEE_MEMBER_VIDEOS_PER_DAY", "1.5"),
        ("MATINEE_MEMBER_OPEN_JOBS", "-2"),
        ("MATINEE_MEMBER_RUNNING", "0"),
        ("MATINEE_SERVER_RUNNING", "0"),
        ("MATINEE_PROVIDER_RUNNING", "many"),
    ],
)
def test_a_limit_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsUnusable, match=name):
        Settings.load()
