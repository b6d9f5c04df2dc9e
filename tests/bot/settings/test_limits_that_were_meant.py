"""A limit or a price that cannot be what was meant stops the start: in silence it would be no limit."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, strategies

from bot.settings import names as setting_names
from bot.settings.names import Names
from bot.settings.settings import Settings, SettingsUnusable
from core.model.prices import Prices, PricesUnusable, read_prices
from tests.bot.command_line import Command, process

BUDGET = "MATINEE_BUDGET_USD_PER_DAY"
TOO_DEAR = "more than 100 dollars a second, so it cannot be meant in dollars."
TOO_CHEAP = "less than a millionth of a dollar a second, which would count as nothing."
CANARY = "sk-canary-0123456789"
EDITIONS = {("anyint", "kling-3.0"): ("std", "pro", "std+audio", "pro+audio"), ("worldrouter", "omni"): ("",)}
PRICE = strategies.recursive(
    strategies.none()
    | strategies.booleans()
    | strategies.floats()
    | strategies.integers()
    | strategies.text(max_size=8)
    | strategies.decimals().map(str),
    lambda inner: strategies.lists(inner, max_size=2) | strategies.dictionaries(strategies.text(), inner),
    max_leaves=3,
)


def problems() -> list[str]:
    with pytest.raises(SettingsUnusable) as refused:
        Settings.load()
    return refused.value.problems


def read(path: Path) -> tuple[Prices | None, tuple[str, ...]]:
    """Return the prices of a file, or None and what is wrong with them."""
    try:
        return read_prices(path, EDITIONS), ()
    except PricesUnusable as error:
        return None, error.problems


def judged(*names: str) -> Names:
    return setting_names.check_names(
        names, [name.upper() for name in Settings.model_fields], ["DISCORD_TOKEN"]
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MATINEE_BUGDET_USD_PER_DAY", "MATINEE_BUDGET_USD_PER_DAY"),
        ("MATINEE_BUDGET_USD_A_DAY", "MATINEE_BUDGET_USD_PER_DAY"),
        ("MATINEE_BUDGET_PER_DAY_USD", "MATINEE_BUDGET_USD_PER_DAY"),
        ("MATINEE-BUDGET-USD-PER-MONTH", "MATINEE_BUDGET_USD_PER_MONTH"),
        ("MATINE_BUDGET_USD_PER_MONTH", "MATINEE_BUDGET_USD_PER_MONTH"),
        ("MATINEE_MEMBERS_RUNNING", "MATINEE_MEMBER_RUNNING"),
        ("MATINEE_VIDEOS_PER_DAY", "MATINEE_MEMBER_VIDEOS_PER_DAY"),
        ("MATINEE_DAILY_BUDGET", "MATINEE_BUDGET_USD_PER_DAY"),
        ("MATINEE_PRICE_FILE", "MATINEE_PRICES_FILE"),
        ("MATINEE_DATADIR", "MATINEE_DATA_DIR"),
        ("MATINEE_DISCORD_TOKEN", "DISCORD_TOKEN"),
        ("MATINEE_S3_SECRET_ACCES_KEY_FILE", "MATINEE_S3_SECRET_ACCESS_KEY_FILE"),
    ],
)
@pytest.mark.parametrize("is_in_file", [True, False], ids=["in .env", "in the environment"])
async def test_a04_a_misspelt_limit_stops_the_start(
    matinee: Command,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    meant: str,
    is_in_file: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    if is_in_file:
        (folder / ".env").write_text(f"{name}={CANARY}\n")
    else:
        monkeypatch.setenv(name, CANARY)

    ran = await matinee("run")

    assert ran.code == 78
    assert f"{name}: is no setting and has no effect. Did you mean {meant}?" in ran.err
    assert CANARY not in ran.out + ran.err


@pytest.mark.parametrize(
    "name", ["MATINEE_MAXIMUM", "MATINEE_TEAM_COSTS", "MATINEE_LIMTIS", "MATINEE_QUOTA", "MATINEE_CAP"]
)
def test_a04_a_name_that_speaks_of_money_stops_the_start(name: str) -> None:
    assert [problem.split(":")[0] for problem in judged(name).problems] == [name]


@pytest.mark.parametrize("name", ["MATINEE_COLOUR", "MATINEE_LANGUAGE", "MATINEE_SHARD_COUNT"])
def test_a04_any_other_unknown_name_is_a_warning(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, CANARY)
    Settings.load()

    assert Settings.warnings() == [f"{name} is no setting and has no effect"]


@pytest.mark.parametrize("name", ["MATINEE_BUDGET_USD_PER_DAY", "MATINEE_MEMBER_VIDEOS_PER_DAY"])
def test_a04_a_limit_without_a_value_is_a_warning(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    monkeypatch.setenv("MATINEE_LOG_LEVEL", "")
    Settings.load()

    assert Settings.warnings() == [f"{name} is empty, so there is no such limit. Write none if that is meant"]


def test_a04_a_limit_whose_value_stands_elsewhere_is_in_force(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("MATINEE_BUDGET_USD_PER_DAY", "")
    _ = (folder / ".env").write_text("MATINEE_BUDGET_USD_PER_DAY=5\n")
    (folder / ".env").chmod(0o600)

    assert Settings.load().matinee_budget_usd_per_day == 5
    assert Settings.warnings() == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("BUDGET_USD_PER_DAY", "MATINEE_BUDGET_USD_PER_DAY"),
        ("bot_server_budget_usd_per_month", "MATINEE_SERVER_BUDGET_USD_PER_MONTH"),
        ("DISCORD_MEMBER_VIDEOS_PER_DAY", "MATINEE_MEMBER_VIDEOS_PER_DAY"),
        ("PRICES_FILE", "MATINEE_PRICES_FILE"),
        ("\N{ZERO WIDTH SPACE}MATINEE_BUDGET_USD_PER_DAY", "MATINEE_BUDGET_USD_PER_DAY"),
    ],
)
def test_a04_a_limit_without_its_prefix_in_dotenv_stops_the_start(
    folder: Path, name: str, meant: str
) -> None:
    _ = (folder / ".env").write_text(f"{name}=5\n")

    assert f"{name}: is no setting and has no effect. Did you mean {meant}? Correct it or take it out." in (
        problems()
    )


@pytest.mark.parametrize(
    "line", ["#MATINEE_BUDGET_USD_PER_DAY=5", "# BUDGET_USD_PER_DAY 5", "#MATINEE_BUDGETS"]
)
def test_a04_a_limit_in_a_remark_of_dotenv_is_nobodys_business(folder: Path, line: str) -> None:
    _ = (folder / ".env").write_text(f"{line}\n")

    assert Settings.load().matinee_budget_usd_per_day is None


def test_a04_a_limit_without_its_prefix_elsewhere_is_a_warning() -> None:
    assert judged("BUDGET_USD_PER_DAY").strange == ("BUDGET_USD_PER_DAY",)


@pytest.mark.parametrize(
    "lines",
    [
        ["MATINEE_BUDGET_USD_PER_DAY=5", "MATINEE_BUDGET_USD_PER_DAY=500"],
        ["MATINEE_BUDGET_USD_PER_DAY=5", "export matinee_budget_usd_per_day='none'"],
        ["MATINEE_BUDGET_USD_PER_DAY=", "MATINEE_BUDGET_USD_PER_DAY=5"],
    ],
)
def test_a04_a_limit_of_two_values_stops_the_start(folder: Path, lines: list[str]) -> None:
    _ = (folder / ".env").write_text("\n".join(lines))

    assert any(one.startswith(f"{BUDGET}: stands twice in .env") for one in problems())


def test_a04_a_limit_that_is_written_in_two_ways_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BUDGET, "5")
    monkeypatch.setenv(BUDGET.lower(), "500")

    assert any(one.startswith(f"{BUDGET}: stands twice, with different values") for one in problems())


@pytest.mark.parametrize("content", ["{}", '{"anyint": {}}', '{"anyint": {"kling-3.0": {}}}'])
def test_a04_a_file_that_holds_no_price_is_not_believed(folder: Path, content: str) -> None:
    path = folder / "prices.json"
    _ = path.write_text(content)

    _, problems = read(path)

    assert len(problems) == 1
    assert "holds no price" in problems[0]


def test_a04_other_programs_names_are_nobodys_business() -> None:
    assert judged("PATH", "MACHINE_LIMIT", "BUDGET_USD_PER_DAY", "MARINE_PRICE").problems == ()


def test_a04_a_limit_is_not_read_from_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "budget").write_text("5")
    monkeypatch.setenv("MATINEE_BUDGET_USD_PER_DAY_FILE", "budget")

    assert problems() == [
        f"MATINEE_BUDGET_USD_PER_DAY_FILE: only secrets are read from files. Give {BUDGET} itself."
    ]


@pytest.mark.parametrize("line", ["MATINEE_BUDGET_USD_PER_DAY: 5", "MATINEE_BUDGET_USD_PER_DAY 5"])
def test_a04_a_line_of_dotenv_that_gives_nothing_stops_the_start(folder: Path, line: str) -> None:
    (folder / ".env").write_text(f"MATINEE_LOG_LEVEL=info\n{line}\n")

    assert problems() == [".env: line 2 gives no value. Write it as NAME=value."]


def test_a04_a_byte_order_mark_hides_no_limit(folder: Path) -> None:
    (folder / ".env").write_bytes(b"\xef\xbb\xbfMATINEE_BUDGET_USD_PER_DAY=5\n")

    assert Settings.load().matinee_budget_usd_per_day == 5


@pytest.mark.parametrize(
    "amount", ["inf", "-inf", "nan", "-1", "0.0000001", "0.000001", "0.009", "1e300", "1e7", "five", "$5"]
)
@pytest.mark.parametrize("name", ["MATINEE_BUDGET_USD_PER_DAY", "MATINEE_SERVER_BUDGET_USD_PER_MONTH"])
def test_a04_a_budget_that_cannot_be_meant_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, amount: str
) -> None:
    monkeypatch.setenv(name, amount)

    (problem,) = problems()
    assert problem.startswith(f"{name}: ")


@pytest.mark.parametrize("amount", ["0", "0.01", "12.50", "1000000"])
def test_a04_a_budget_that_can_be_meant_is_taken(monkeypatch: pytest.MonkeyPatch, amount: str) -> None:
    monkeypatch.setenv("MATINEE_BUDGET_USD_PER_DAY", amount)

    assert str(Settings.load().matinee_budget_usd_per_day) == amount


ODDLY_WRITTEN = [
    "1_0",
    "\u0661\u0660",
    "\uff11\uff10",
    "1e1",
    "1E1",
    " 10 ",
    "+10",
    "0x10",
    "1,50",
    "1 000",
    "$5",
    "1.",
    ".5",
]


@pytest.mark.parametrize("number", ODDLY_WRITTEN)
async def test_a04_a_budget_that_is_not_in_plain_digits_stops_the_start(
    matinee: Command, monkeypatch: pytest.MonkeyPatch, number: str
) -> None:
    monkeypatch.setenv(BUDGET, number)

    ran = await matinee("run")

    assert ran.code == 78
    assert (
        f"{BUDGET}: “{number}” is not a number in plain digits. Write only 0 to 9 and a point, such as 12.50."
    ) in ran.err.splitlines()


@pytest.mark.parametrize("number", ODDLY_WRITTEN)
@pytest.mark.parametrize(
    "name",
    [
        *("MATINEE_MEMBER_VIDEOS_PER_DAY", "MATINEE_MEMBER_RUNNING", "MATINEE_SERVER_RUNNING"),
        *("MATINEE_KEEP_DAYS", "MATINEE_DISK_QUOTA_GB", "MATINEE_POLL_MAX_SECONDS", "MATINEE_LINK_DAYS"),
    ],
)
def test_a04_any_other_number_is_read_in_the_same_way(
    monkeypatch: pytest.MonkeyPatch, name: str, number: str
) -> None:
    monkeypatch.setenv(name, number)

    (problem,) = problems()
    assert problem.startswith(f"{name}: “{number}” is not a")


@pytest.mark.parametrize("number", ODDLY_WRITTEN)
def test_a04_a_price_that_is_not_in_plain_digits_is_none(tmp_path: Path, number: str) -> None:
    (tmp_path / "prices.json").write_text(json.dumps({"anyint": {"kling-3.0": {"std": number}}}))

    prices, (problem,) = read(tmp_path / "prices.json")
    assert prices is None
    assert problem == (
        f"The price of anyint kling-3.0 std is no number of US dollars: “{number}” is not a number in plain "
        "digits. Write only 0 to 9 and a point, such as 12.50."
    )


def test_a04_a_price_is_a_plain_number_or_one_of_json(tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text('{"anyint": {"kling-3.0": {"std": "0.08", "pro": 8e-2}}}')

    prices, _ = read(tmp_path / "prices.json")
    assert prices is not None
    assert set(prices["anyint", "kling-3.0"].values()) == {Decimal("0.08")}


@pytest.mark.parametrize("value", [CANARY, "five", "10 dollars", "a1b2c3"])
def test_a04_what_is_no_number_at_all_is_not_repeated(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(BUDGET, value)

    (problem,) = problems()
    assert problem == f"{BUDGET}: not a number."


async def test_a04_every_price_that_cannot_be_meant_has_a_line_of_its_own(folder: Path) -> None:
    (folder / "prices.json").write_text(
        '{"anyint": {"kling-3.0": {"pro_audio": 2.0, "std": NaN, "pro": -1, "std+audio": 1e300}, '
        '"kling-30": {"std": 1}}, "any_int": {}, "worldrouter": {"kling-v3": {"std": 1e-7, "pro": true}, '
        '"kling-v2-6": {"std": 0.05, "std": 0.06}}}'
    )
    needed = {"DISCORD_TOKEN": "token", "ANYINT_API_KEY": "key", "MATINEE_PRICES_FILE": "prices.json"}

    ran = await process("run", environment=needed | {"PYTHONPATH": str(Path(__file__).parents[3])})

    assert (ran.code, ran.out) == (78, "")
    assert [line.removeprefix("MATINEE_PRICES_FILE: ") for line in ran.err.splitlines()] == [
        "There is no edition pro_audio of anyint kling-3.0 to give a price to. Did you mean pro+audio?",
        "The price of anyint kling-3.0 std is no number of US dollars.",
        "The price of anyint kling-3.0 pro is below zero.",
        f"The price of anyint kling-3.0 std+audio is {TOO_DEAR}",
        "There is no model anyint kling-30 to give a price to. Did you mean kling-3.0?",
        "There is no provider any_int to give a price to. Did you mean anyint?",
        f"The price of worldrouter kling-v3 std is {TOO_CHEAP}",
        "The price of worldrouter kling-v3 pro is no number of US dollars.",
        "std stands twice in worldrouter kling-v2-6: nobody knows which counts.",
    ]
    assert not (folder / "data").exists()


@given(
    content=strategies.dictionaries(
        strategies.sampled_from(["anyint", "worldrouter", "anyint "]),
        strategies.dictionaries(
            strategies.sampled_from(["kling-3.0", "omni", ""]),
            strategies.dictionaries(strategies.sampled_from(["std", "pro+audio", "", "pro_audio"]), PRICE),
        ),
    )
)
def test_a04_whatever_stands_in_the_file_a_price_is_believed_exactly_or_the_file_not_at_all(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, dict[str, dict[str, object]]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "prices.json"
    path.write_text(json.dumps(content))

    prices, said = read(path)
    if prices is None:
        assert len("\n".join(said).splitlines()) == len(said) > 0
        return

    given_prices = {
        (provider, model): {edition: float(str(price)) for edition, price in editions.items()}
        for provider, models in content.items()
        for model, editions in models.items()
    }
    assert {key: {name: float(one) for name, one in found.items()} for key, found in prices.items()} == (
        given_prices
    )
    assert all(edition in EDITIONS[key] for key, found in prices.items() for edition in found)
    assert all(one == 0 or 1e-6 <= one <= 100 for found in prices.values() for one in found.values())
