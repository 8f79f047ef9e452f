"""From the server's types to the client's: which texts are numbers, and which words there are."""

from typing import Annotated, Any, Final, Literal, get_args, get_origin

from msgspec import Meta, Struct, UnsetType

from openbourse.core.events import DepositStatus
from openbourse.wire.coinex import (
    deposits,
    numbers,
    spot_klines,
    statement,
    sub_accounts,
    transfers,
    withdrawals,
)
from openbourse.wire.coinex.params import DecimalText, Params
from openbourse.wire.coinex.spot_requests import ModifyParams, OrderParams, StopParams


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Text on the wire, Decimal in Python.
NUMBERS: Final = _words("""
    actual_amount amount asks available balance balance_usd base_ccy_amount base_ccy_fee base_fee
    best_ask_price best_ask_size best_bid_price best_bid_size bids change close deflation_rate
    discount_ccy_fee discount_fee equity fee fee_amount filled_amount filled_value frozen high index_price
    index_weight interest last last_fill_amount last_fill_price last_filled_amount last_filled_price leverage
    liq_price liquidity_proportion low maker_fee_rate maker_rate margin min_amount min_deposit_amount
    min_withdraw_amount open open_interest_volume price quote_ccy_amount quote_ccy_fee quote_fee repaid
    rik_rate risk_rate taker_fee_rate taker_rate tick_size transferrable trigger_price tx_fee unfilled_amount
    unrealized_pnl value volume volume_buy volume_sell withdrawal_fee withdrawal_risk withdrawal_value
    """)
TEXTS: Final = _words("""
    access_id address announce_url base_ccy ccy chain chain_name client_id contract_type deposit_method event
    exchange
    explorer_address_url explorer_asset_url explorer_tx_url explorer_url fee_asset fee_ccy from_account_type
    from_user_name full_name identity ip_whitelist margin_account margin_market market market_type memo
    permissions position_mode quote_ccy remark result role scope secret_key short_name side status
    sub_user_name to_account_type to_addr_explorer_url to_address to_user_name trigger_direction
    trigger_price_type tx_explorer_url tx_id tx_id_display type user_id user_type website_url
    white_paper_url withdraw_method
    """)
# Numbers that may be absent: the text is "" then (reference/coinex/conventions.md §4).
BLANK: Final = _words("""
    actual_amount last_fill_amount last_fill_price last_filled_amount last_filled_price liq_price rik_rate
    risk_rate
    """)
# Fields with two names, or that only some documents or recordings know: an exchange may leave them out.
SOMETIMES: Final = _words("""
    Withdrawal.fee_amount Withdrawal.fee_asset Withdrawal.fee_ccy Withdrawal.tx_fee Deposit.tx_id_display
    Market.is_pre_market_trading_available Market.is_pre_trading_available
    Market.status Market.delisted_at Market.is_api_trading_available
    MarginBalance.rik_rate MarginBalance.risk_rate FuturesBalance.equity
    OwnTransfer.id OwnTransfer.margin_market
    Order.ccy StopOrder.ccy WsStop.trigger_price_type UserDeal.client_id
    Identity.sub_user_name FuturesSettings.settle_switch FuturesSettings.position_mode
    """)
# Words that the original was seen to spell otherwise, or of which it had others: any text is read.
OPEN: Final = _words("Deposit.deposit_method Withdrawal.status")
# Names that mean something else in one type.
AMOUNTS_BY_SIDE: Final = "PairAmounts"

# Types that Python programs see under another name.
RENAMED: Final = {
    "Entry": "StatementEntry",
    "Address": "DepositAddress",
    "WsOrder": "OrderState",
    "WsStop": "StopState",
    "WsBalance": "BalanceState",
    "Key": "ApiKey",
    "ListedKey": "ListedApiKey",
    "StopId": "StopOrderId",
    "OwnTransfer": "Transfer",
    "FamilyTransfer": "SubAccountTransfer",
}

# What a part of a batch is called in Python.
PARTS: Final[dict[type[Params], str]] = {
    OrderParams: "NewOrder",
    StopParams: "NewStopOrder",
    ModifyParams: "OrderChange",
}

# Sets of words with a name of their own.
WORDS: Final[dict[str, Any]] = {
    "Side": numbers.SideWord,
    "OrderType": numbers.TypeWord,
    "MarketType": numbers.MarketTypeWord,
    "AccountType": transfers.AccountType,
    "SelfTradeMode": numbers.SelfTradeWord,
    "Period": spot_klines.Period,
    "TransferStatus": transfers.TransferStatus,
    "StatementType": statement.EntryType,
    "DepositStatus": DepositStatus,
    "WithdrawalStatus": withdrawals.StatusWord,
    "Method": deposits.Method,
    "Permission": sub_accounts.PermissionWord,
}
_WORD_OF: Final = {kind: name for name, kind in WORDS.items()}

# Answers whose words are those of requests, so that one can be passed to the other.
ANSWER_WORDS: Final = {
    "side": "Side",
    ("Order", "type"): "OrderType",
    ("Order", "market_type"): "MarketType",
    ("StopOrder", "type"): "OrderType",
    ("StopOrder", "market_type"): "MarketType",
    ("WsOrder", "type"): "OrderType",
    ("WsStop", "type"): "OrderType",
}


def python_name(kind: type[Struct]) -> str:
    return RENAMED.get(kind.__name__, kind.__name__)


def answer_type(owner: type[Struct], name: str, kind: Any) -> str:
    """The annotation of a field of an answer; LookupError for a text of which nothing is known."""
    field = f"{owner.__name__}.{name}"
    optional = field in SOMETIMES
    kinds = [str] if field in OPEN else [part for part in _members(kind) if part is not UnsetType]
    optional = optional or len(kinds) < len(_members(kind))
    word = ANSWER_WORDS.get((owner.__name__, name)) or ANSWER_WORDS.get(name)
    if word:
        return word
    texts = dict.fromkeys(_answer_part(owner, name, part) for part in kinds)
    if name in BLANK and "Decimal" in texts:
        texts["None"] = None
    found = " | ".join(texts)
    if not optional:
        return found
    return f"{found} = None" if "None" in texts else f"{found} | None = None"


def _answer_part(owner: type[Struct], name: str, kind: Any) -> str:
    if kind is str:
        return "Decimal" if _is_number(owner, name) else "str"
    if get_origin(kind) is Literal:
        return literal(kind)
    if isinstance(kind, type) and issubclass(kind, Struct):
        return python_name(kind)
    if get_origin(kind) in (list, tuple):
        parts = ", ".join(_answer_part(owner, name, part) for part in get_args(kind))
        return f"{get_origin(kind).__name__}[{parts}]"
    if kind in (int, bool):
        return str(kind.__name__)
    raise LookupError(f"{owner.__name__}.{name}: what is a {kind} in Python?")


def _is_number(owner: type[Struct], name: str) -> bool:
    if owner.__name__ == AMOUNTS_BY_SIDE:
        return True
    if name not in NUMBERS and name not in TEXTS:
        raise LookupError(f"{owner.__name__}.{name}: is it a number? Say so in tools/clients/fields.py")
    return name in NUMBERS


def parameter_type(kind: Any) -> tuple[str, str]:
    """The annotation of a parameter, and the function that prepares its value ("" for none)."""
    if kind == DecimalText:
        return "Amount", "number"
    if get_origin(kind) is Annotated:
        meta = [part for part in get_args(kind)[1:] if isinstance(part, Meta)]
        about = " ".join(part.description or "" for part in meta)
        if "separated by commas" in about.lower():
            return f"Sequence[{'int' if about.startswith('Ids') else 'str'}]", "joined"
        return parameter_type(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return literal(kind), ""
    if get_origin(kind) is list:
        return f"Sequence[{parameter_type(get_args(kind)[0])[0]}]", ""
    if get_origin(kind) is dict:
        return "Mapping[str, str]", ""
    if kind in (str, int, bool):
        return str(kind.__name__), ""
    others = [part for part in _members(kind) if part is not type(None)]
    if len(others) == 1:
        return parameter_type(others[0])
    raise LookupError(f"what is a {kind} in Python?")


def literal(kind: Any) -> str:
    """A set of words, by its name if it has one."""
    return _WORD_OF.get(kind) or f"Literal[{', '.join(map(repr, get_args(kind)))}]"


def _members(kind: Any) -> list[Any]:
    """The types of a union, or the one that it is."""
    if get_args(kind) and get_origin(kind) not in (list, tuple, dict, Literal, Annotated):
        return list(get_args(kind))
    return [kind]
