"""What the sandbox trades: assets, chains, markets, and what everybody starts with.

Precisions, minima and fees are those of the real venue where its answers are on record; chain fees and
confirmations are plausible ones.
"""

from typing import Final

from openbourse.core.commands import MarketSpec
from openbourse.core.decimals import parse_decimal, scaled
from openbourse.core.units import MONEY_DECIMALS, UNIT_DECIMALS
from openbourse.wallet.catalogue import AssetSpec, ChainSpec


def _unit(text: str) -> int:
    return scaled(parse_decimal(text), UNIT_DECIMALS)


def _money(text: str) -> int:
    return scaled(parse_decimal(text), MONEY_DECIMALS)


# For people to read, who know a chain by another name than its short code.
_CHAIN_NAMES: Final = {
    "ARBITRUM": "Arbitrum One",
    "BSC": "BNB Smart Chain (BEP20)",
    "BTC": "Bitcoin",
    "CSC": "CoinEx Smart Chain",
    "ERC20": "Ethereum (ERC20)",
    "LTC": "Litecoin",
    "SOL": "Solana",
    "TRC20": "Tron (TRC20)",
}


def _chain(
    name: str, minimum: str, fee: str, safe: int, irreversible: int, *, precision: int = 8, explorer: str = ""
) -> ChainSpec:
    return ChainSpec(
        name=name,
        min_deposit=_money(minimum),
        min_withdrawal=_money(minimum),
        withdrawal_fee=_money(fee),
        withdrawal_precision=precision,
        safe_confirmations=safe,
        irreversible_confirmations=irreversible,
        explorer_url=explorer,
        display_name=_CHAIN_NAMES[name],
    )


ASSETS: Final = (
    AssetSpec("BTC", "Bitcoin", (_chain("BTC", "0.0005", "0.0002", 1, 2),)),
    AssetSpec(
        "ETH",
        "Ethereum",
        (_chain("ERC20", "0.005", "0.001", 12, 64), _chain("ARBITRUM", "0.001", "0.0002", 20, 64)),
    ),
    AssetSpec("LTC", "Litecoin", (_chain("LTC", "0.01", "0.001", 3, 6),)),
    AssetSpec(
        "CET", "CoinEx Token", (_chain("CSC", "20", "5", 20, 40), _chain("ERC20", "500", "150", 12, 64))
    ),
    AssetSpec(
        "USDT",
        "Tether USD",
        (
            _chain("TRC20", "2.4", "1.5", 20, 30, precision=6),
            _chain("ERC20", "10", "4", 12, 64, precision=6),
            _chain("BSC", "2", "0.3", 15, 30),
        ),
    ),
    AssetSpec(
        "USDC",
        "USD Coin",
        (_chain("ERC20", "10", "4", 12, 64, precision=6), _chain("SOL", "2", "0.5", 1, 32, precision=6)),
    ),
)


def _market(base: str, quote: str, quote_precision: int, minimum: str) -> MarketSpec:
    rate = _unit("0.002")
    return MarketSpec(base + quote, base, quote, 8, quote_precision, _unit(minimum), rate, rate)


MARKETS: Final = (
    _market("BTC", "USDT", 2, "0.00005"),
    _market("ETH", "USDT", 2, "0.0005"),
    _market("LTC", "USDT", 2, "0.01"),
    _market("CET", "USDT", 6, "20"),
    _market("ETH", "BTC", 6, "0.0005"),
    _market("BTC", "USDC", 2, "0.00005"),
)

# In which all reference prices are.
NUMERAIRE: Final = "USDT"

# Prices at the first start, and what they come back to in the long run.
ANCHORS: Final = {
    "BTC": _unit("60000"),
    "ETH": _unit("3000"),
    "LTC": _unit("80"),
    "CET": _unit("0.04"),
    "USDC": _unit("1"),
}

FEE_TOKEN: Final = "CET"  # noqa: S105 - a coin
FEE_DISCOUNT: Final = _unit("0.2")

TRADERS: Final = ("trader1", "trader2")
TRADER_FUNDS: Final = {
    "BTC": _money("10"),
    "ETH": _money("100"),
    "LTC": _money("1000"),
    "CET": _money("100000"),
    "USDT": _money("1000000"),
    "USDC": _money("1000000"),
}

# What the bots of a market think in, in the numeraire: large markets are deep, and take large orders.
LOTS: Final = {
    "BTCUSDT": 1500,
    "ETHUSDT": 1000,
    "LTCUSDT": 500,
    "CETUSDT": 250,
    "ETHBTC": 600,
    "BTCUSDC": 700,
}

# What a house bot has of each of the two assets of its market, in the numeraire.
HOUSE_FUNDS: Final = _money("50000000")
