"""The operator's desk: what each request does, in a venue that runs.

Results are plain values that can be written as JSON. What cannot be done raises ControlError with a sentence.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import structlog

from openbourse.accounts.errors import AccountsError
from openbourse.accounts.fee_tiers import FeeTier
from openbourse.accounts.records import KeyRecord, User
from openbourse.core.commands import MarketSpec
from openbourse.core.decimals import money_text, unit_text
from openbourse.core.refusal import Refusal
from openbourse.venue import requests
from openbourse.venue.control import ControlError
from openbourse.venue.fund_desk import FundDesk
from openbourse.venue.maintenance_desk import MaintenanceDesk
from openbourse.venue.numbers import money, quantity, rate
from openbourse.venue.operations import Operations
from openbourse.venue.sequencer import Busy, VenueStopped
from openbourse.venue.venue import Venue
from openbourse.wallet.catalogue import AssetSpec, ChainSpec

Result = dict[str, Any] | list[dict[str, Any]]

_READING: Final = ("List", "Show")

_log = structlog.get_logger(__name__)


class OperatorDesk:
    """Carries out requests, one method for each kind."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._operations = Operations(venue)
        self._methods: dict[type, Callable[[Any], Awaitable[Result]]] = {
            requests.AddUser: self._add_user,
            requests.ListUsers: self._list_users,
            requests.ShowUser: self._show_user,
            requests.AddKey: self._add_key,
            requests.ListKeys: self._list_keys,
            requests.RevokeKey: self._revoke_key,
            requests.AddAsset: self._add_asset,
            requests.ListAssets: self._list_assets,
            requests.AddMarket: self._add_market,
            requests.ChangeMarket: self._change_market,
            requests.ListMarkets: self._list_markets,
            requests.SetStatus: self._set_status,
            requests.MakeDeposit: self._deposit,
            requests.SetUserFees: self._set_user_fees,
            requests.AddFeeTier: self._add_fee_tier,
            requests.ListFeeTiers: self._list_fee_tiers,
            requests.AssignFeeTier: self._assign_fee_tier,
            requests.SetDiscount: self._set_discount,
            requests.SetToken: self._set_token,
            **FundDesk(venue).methods,
            **MaintenanceDesk(venue).methods,
        }

    async def answer(self, line: bytes) -> Result:
        """Carry out a request in its written form. Raises ControlError."""
        try:
            request = requests.decode_request(line)
        except msgspec.MsgspecError as error:
            raise ControlError(f"not a request that this version knows: {error}") from None
        return await self.carry_out(request)

    async def carry_out(self, request: requests.AnyRequest) -> Result:
        """Raises ControlError, with one sentence for the operator, when nothing was done.

        Whatever changes something leaves a line in the log, done or refused. Requests hold no secrets.
        """
        try:
            result = await self._carried_out(request)
        except ControlError as error:
            _audit(request, outcome="refused", reason=str(error))
            raise
        _audit(request, outcome="done")
        return result

    async def _carried_out(self, request: requests.AnyRequest) -> Result:
        try:
            return await self._methods[type(request)](request)
        except Refusal as refusal:
            detail = f": {refusal.detail}" if refusal.detail else ""
            raise ControlError(f"refused, {refusal.reason.replace('_', ' ')}{detail}") from None
        except (AccountsError, ValueError, Busy) as error:
            raise ControlError(str(error)) from None
        except VenueStopped:
            raise ControlError(
                "the venue is stopping: look whether it was done before repeating it"
            ) from None

    # -- users and keys ----------------------------------------------------------------------------

    async def _add_user(self, request: requests.AddUser) -> Result:
        return _user_row(await self._operations.add_user(request.name))

    async def _list_users(self, _: requests.ListUsers) -> Result:
        return [_user_row(user) for user in self._venue.accounts.users()]

    async def _show_user(self, request: requests.ShowUser) -> Result:
        user = self._user(request.name)
        terms = self._venue.exchange.user_terms(user.id)
        fees = {}
        if terms is not None:
            for name, rate in (("maker_rate", terms.maker_rate), ("taker_rate", terms.taker_rate)):
                fees[name] = "as the market" if rate is None else unit_text(rate)
            fees["fee_discount"] = "on" if terms.fee_discount else "off"
        tier = self._venue.accounts.fee_tiers.tier_of(user.id)
        if tier is not None:
            fees["fee_tier"] = tier.name
        balances = self._venue.exchange.balances(user.id, "spot")
        return (
            _user_row(user)
            | fees
            | {
                "balances": {
                    asset: {
                        "available": money_text(available),
                        "frozen": money_text(frozen),
                    }
                    for asset, (available, frozen) in sorted(balances.items())
                }
            }
        )

    async def _add_key(self, request: requests.AddKey) -> Result:
        key = self._operations.add_key(
            self._user(request.user),
            request.protocol,
            trade_allowed=request.trade,
            withdraw_allowed=request.withdraw,
            allow_list=request.allow,
            never_expires=request.never_expires,
            remark=request.remark,
        )
        return _key_row(key) | {"secret": key.secret}

    async def _list_keys(self, request: requests.ListKeys) -> Result:
        users = [self._user(request.user)] if request.user else self._venue.accounts.users()
        return [_key_row(key) for user in users for key in self._venue.accounts.keys_of(user.id)]

    async def _revoke_key(self, request: requests.RevokeKey) -> Result:
        key = self._venue.accounts.find_key(request.key)
        if key is None:
            raise ControlError(f"there is no key {request.key}")
        return _key_row(self._venue.accounts.revoke_key(key.id))

    # -- assets and markets ------------------------------------------------------------------------

    async def _add_asset(self, request: requests.AddAsset) -> Result:
        if not request.name.isalnum() or len(request.name) > _MAX_ASSET_NAME:
            raise ControlError(f"the name of an asset has 1 to {_MAX_ASSET_NAME} letters and digits")
        names = [chain.name for chain in request.chains]
        if len(set(names)) != len(names):
            raise ControlError("a chain is given twice")
        known = self._venue.assets.get(request.name) or AssetSpec(request.name, request.name)
        spec = msgspec.structs.replace(  # limits and switches stay
            known,
            full_name=request.full_name or known.full_name,
            chains=tuple(_chain(chain) for chain in request.chains),
        )
        if request.number:
            self._venue.listing.assign("asset", spec.name, request.number)
        self._operations.add_asset(spec)
        return self._asset_row(spec)

    async def _list_assets(self, _: requests.ListAssets) -> Result:
        return [self._asset_row(spec) for spec in self._venue.assets.all()]

    async def _add_market(self, request: requests.AddMarket) -> Result:
        if self._venue.exchange.market_spec(request.name) is not None:
            raise ControlError(f"there is a market {request.name} already: use `market change`")
        spec = MarketSpec(
            name=request.name,
            base=request.base,
            quote=request.quote,
            base_precision=request.base_precision,
            quote_precision=request.quote_precision,
            min_amount=quantity("the minimum amount", request.min_amount),
            maker_rate=rate("the maker fee", request.maker_rate),
            taker_rate=rate("the taker fee", request.taker_rate),
            price_band=rate("the price band", request.price_band),
        )
        if request.number:
            self._venue.listing.check("market", spec.name, request.number)
        await self._operations.add_market(spec, request.status)
        if request.number:
            self._venue.listing.assign("market", spec.name, request.number)
        return self._market_row(request.name)

    async def _change_market(self, request: requests.ChangeMarket) -> Result:
        spec = self._market(request.name)
        changes: dict[str, int] = {}
        if request.min_amount is not None:
            changes["min_amount"] = quantity("the minimum amount", request.min_amount)
        for name in ("maker_rate", "taker_rate", "price_band"):
            text = getattr(request, name)
            if text is not None:
                changes[name] = rate(f"the {name.replace('_', ' ')}", text)
        status = self._venue.exchange.market_status(request.name)
        await self._operations.add_market(msgspec.structs.replace(spec, **changes), status)
        return self._market_row(request.name)

    async def _list_markets(self, _: requests.ListMarkets) -> Result:
        return [self._market_row(name) for name in self._venue.exchange.market_names()]

    async def _set_status(self, request: requests.SetStatus) -> Result:
        self._market(request.name)
        await self._operations.set_market_status(request.name, request.status)
        return self._market_row(request.name)

    # -- money -------------------------------------------------------------------------------------

    async def _deposit(self, request: requests.MakeDeposit) -> Result:
        amount = money("the amount", request.amount)
        if amount <= 0:
            raise ControlError("the amount of a deposit must be positive")
        user = self._user(request.user)
        credited = await self._operations.deposit(user, request.asset, amount, request.key)
        available, frozen = self._venue.exchange.balances(user.id, "spot")[request.asset]
        return {
            "credited": credited,
            "available": money_text(available),
            "frozen": money_text(frozen),
        }

    async def _set_user_fees(self, request: requests.SetUserFees) -> Result:
        user = self._user(request.user)
        maker = None if request.maker_rate is None else rate("the maker fee", request.maker_rate)
        taker = None if request.taker_rate is None else rate("the taker fee", request.taker_rate)
        await self._operations.set_fee_rates(user, maker, taker)
        return await self._show_user(requests.ShowUser(request.user))

    async def _add_fee_tier(self, request: requests.AddFeeTier) -> Result:
        maker = rate("the maker fee", request.maker_rate)
        taker = rate("the taker fee", request.taker_rate)
        await self._operations.define_fee_tier(FeeTier(request.name, maker, taker))
        return await self._list_fee_tiers(requests.ListFeeTiers())

    async def _list_fee_tiers(self, _: requests.ListFeeTiers) -> Result:
        accounts = self._venue.accounts
        members = [
            (accounts.user(number).name, tier) for number, tier in accounts.fee_tiers.members().items()
        ]
        return [
            {
                "tier": tier.name,
                "maker_rate": unit_text(tier.maker_rate),
                "taker_rate": unit_text(tier.taker_rate),
                "members": sorted(name for name, of in members if of == tier),
            }
            for tier in accounts.fee_tiers.all()
        ]

    async def _assign_fee_tier(self, request: requests.AssignFeeTier) -> Result:
        await self._operations.assign_fee_tier(self._user(request.user), request.tier)
        return await self._show_user(requests.ShowUser(request.user))

    async def _set_discount(self, request: requests.SetDiscount) -> Result:
        await self._operations.set_fee_discount(self._user(request.user), enabled=request.enabled)
        return await self._show_user(requests.ShowUser(request.user))

    async def _set_token(self, request: requests.SetToken) -> Result:
        if self._venue.assets.get(request.asset) is None:
            raise ControlError(f"there is no asset {request.asset}")
        await self._operations.set_fee_token(request.asset, rate("the discount", request.discount))
        return {"fee_token": request.asset, "discount": request.discount}

    # -- finding things ----------------------------------------------------------------------------

    def _user(self, name: str) -> User:
        user = self._venue.accounts.user_by_name(name)
        if user is None:
            raise ControlError(f"there is no user {name}")
        return user

    def _market(self, name: str) -> MarketSpec:
        spec = self._venue.exchange.market_spec(name)
        if spec is None:
            raise ControlError(f"there is no market {name}")
        return spec

    def _market_row(self, name: str) -> dict[str, Any]:
        spec = self._market(name)
        row = msgspec.structs.asdict(spec)
        for field in ("min_amount", "maker_rate", "taker_rate", "price_band"):
            row[field] = unit_text(row[field])
        number = self._venue.listing.known("market", name)
        return row | {"status": self._venue.exchange.market_status(name), "number": number or "none yet"}

    def _asset_row(self, spec: AssetSpec) -> dict[str, Any]:
        return {
            "asset": spec.name,
            "full_name": spec.full_name,
            "chains": [chain.name for chain in spec.chains],
            "number": self._venue.listing.known("asset", spec.name) or "none yet",
        }


_MAX_ASSET_NAME: Final = 32


def _chain(chain: requests.Chain) -> ChainSpec:
    where = f"of chain {chain.name}"
    return ChainSpec(
        name=chain.name,
        min_deposit=money(f"the smallest deposit {where}", chain.min_deposit),
        min_withdrawal=money(f"the smallest withdrawal {where}", chain.min_withdrawal),
        withdrawal_fee=money(f"the withdrawal fee {where}", chain.fee),
        withdrawal_precision=chain.precision,
        safe_confirmations=chain.safe,
        irreversible_confirmations=chain.irreversible,
    )


def _user_row(user: User) -> dict[str, Any]:
    return {
        "user": user.name,
        "id": user.id,
        "public_id": user.public_id,
        "status": user.status,
        "created_at": user.created_at,
    }


def _key_row(key: KeyRecord) -> dict[str, Any]:
    return {
        "key": key.key_id,
        "user": key.owner.name,
        "protocol": key.protocol,
        "trade": key.trade_allowed,
        "withdraw": key.withdraw_allowed,
        "allow": list(key.allow_list.texts),
        "remark": key.remark,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
    }


def _audit(request: requests.AnyRequest, **outcome: str) -> None:
    if not type(request).__name__.startswith(_READING):
        _log.info("operator_action", **outcome, asked=msgspec.to_builtins(request))
