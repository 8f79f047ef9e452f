"""Balances and the public description of assets (reference/coinex/account-assets.md B1, B19-B21)."""

from msgspec import Raw, Struct

from openbourse.wallet.catalogue import AssetSpec, ChainSpec
from openbourse.wire.coinex import envelope
from openbourse.wire.coinex.common import NoParams
from openbourse.wire.coinex.desk import Call
from openbourse.wire.coinex.endpoint import AnyEndpoint, Endpoint
from openbourse.wire.coinex.errors import ApiError, Code
from openbourse.wire.coinex.numbers import decimal, money
from openbourse.wire.coinex.params import Name, NameList, Params, names


class Balance(Struct, kw_only=True):
    """What a user has of one asset."""

    ccy: str
    available: str
    frozen: str


class CcyParams(Params, kw_only=True, frozen=True):
    """One asset."""

    ccy: Name


class CcysParams(Params, kw_only=True, frozen=True):
    """At most ten assets; all when absent."""

    ccy: NameList | None = None


class AssetSwitches(Struct, kw_only=True):
    """What may be done with an asset."""

    ccy: str
    deposit_enabled: bool
    withdraw_enabled: bool
    inter_transfer_enabled: bool
    is_st: bool


class ChainConfig(Struct, kw_only=True):
    """How an asset moves on one chain."""

    chain: str
    min_deposit_amount: str
    min_withdraw_amount: str
    deposit_enabled: bool
    withdraw_enabled: bool
    deposit_delay_minutes: int
    safe_confirmations: int
    irreversible_confirmations: int
    deflation_rate: str
    withdrawal_fee: str
    withdrawal_precision: int
    memo: str
    is_memo_required_for_deposit: bool
    explorer_asset_url: str


class AssetConfig(Struct, kw_only=True):
    """Deposit and withdrawal rules of one asset."""

    asset: AssetSwitches
    chains: list[ChainConfig]


class ChainInfo(Struct, kw_only=True):
    """A chain for people to read about; `identity` is the contract, if there is one."""

    chain_name: str
    identity: str
    explorer_url: str


class AssetInfo(Struct, kw_only=True):
    """An asset for people to read about."""

    short_name: str
    full_name: str
    website_url: str
    white_paper_url: str
    chain_info: list[ChainInfo]


async def spot_balance(call: Call, params: NoParams) -> bytes:
    """Assets of which the caller has something."""
    del params
    return envelope.success(await spot_rows(call, call.user))


async def spot_rows(call: Call, user: int) -> list[Balance]:
    """Assets of which a user has something in the spot wallet."""
    balances = await call.desk.venue.holdings.balances(user, "spot")
    return [
        Balance(ccy=asset, available=money(available), frozen=money(frozen))
        for asset, (available, frozen) in balances.items()
        if available or frozen
    ]


async def all_configs(call: Call, params: NoParams) -> bytes:
    del params
    return envelope.success([_config(call, asset) for asset in call.desk.venue.directory.assets()])


async def config(call: Call, params: CcyParams) -> bytes:
    return envelope.success(_config(call, known_asset(call, params.ccy)))


def known_asset(call: Call, name: str) -> AssetSpec:
    """An asset of the catalogue; raises 3639 for any other."""
    asset = call.desk.venue.directory.asset(name)
    if asset is None:
        raise ApiError(Code.INVALID_PARAMETER)
    return asset


def _config(call: Call, asset: AssetSpec) -> Raw:
    directory = call.desk.venue.directory
    withdrawals = directory.withdrawals_enabled
    connected = [chain.name for chain in asset.chains if directory.is_connected(chain.name)]

    def shown() -> AssetConfig:
        switches = AssetSwitches(
            ccy=asset.name,
            deposit_enabled=asset.deposit_enabled,
            withdraw_enabled=asset.withdraw_enabled and withdrawals,
            inter_transfer_enabled=asset.user_transfer_enabled,
            is_st=asset.special_treatment,
        )
        chains = [_chain_config(chain, chain.name in connected) for chain in asset.chains]
        return AssetConfig(asset=switches, chains=chains)

    return call.desk.cache.get(("asset config", asset.name), (asset, withdrawals, connected), shown)


def _chain_config(chain: ChainSpec, connected: bool) -> ChainConfig:
    """How an asset moves on a chain; without a connection to it, not at all."""
    return ChainConfig(
        chain=chain.name,
        min_deposit_amount=money(chain.min_deposit),
        min_withdraw_amount=money(chain.min_withdrawal),
        deposit_enabled=chain.deposit_enabled and connected,
        withdraw_enabled=chain.withdraw_enabled and connected,
        deposit_delay_minutes=chain.deposit_delay_minutes,
        safe_confirmations=chain.safe_confirmations,
        irreversible_confirmations=chain.irreversible_confirmations,
        deflation_rate=decimal(chain.deflation_rate),
        withdrawal_fee=money(chain.withdrawal_fee),
        withdrawal_precision=chain.withdrawal_precision,
        memo=chain.memo,
        is_memo_required_for_deposit=chain.memo_required,
        explorer_asset_url=chain.explorer_url,
    )


async def infos(call: Call, params: CcysParams) -> bytes:
    wanted = names(params.ccy) if params.ccy is not None else []
    assets = [known_asset(call, name) for name in wanted] if wanted else call.desk.venue.directory.assets()
    return envelope.success([_info(call, asset) for asset in assets])


def _info(call: Call, asset: AssetSpec) -> Raw:
    def shown() -> AssetInfo:
        return AssetInfo(
            short_name=asset.name,
            full_name=asset.full_name,
            website_url=asset.website_url,
            white_paper_url=asset.white_paper_url,
            chain_info=[
                ChainInfo(
                    chain_name=chain.display_name or chain.name,
                    identity=chain.contract,
                    explorer_url=chain.explorer_url,
                )
                for chain in asset.chains
            ],
        )

    return call.desk.cache.get(("asset info", asset.name), asset, shown)


ENDPOINTS: list[AnyEndpoint] = [
    Endpoint("GET", "/assets/spot/balance", NoParams, list[Balance], spot_balance, "read"),
    Endpoint(
        "GET", "/assets/all-deposit-withdraw-config", NoParams, list[AssetConfig], all_configs, "public"
    ),
    Endpoint("GET", "/assets/deposit-withdraw-config", CcyParams, AssetConfig, config, "public"),
    Endpoint("GET", "/assets/info", CcysParams, list[AssetInfo], infos, "public"),
]
