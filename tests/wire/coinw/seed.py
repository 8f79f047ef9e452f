"""The examples of the documentation as it prints them, with all their slips, and a reader for such JSON."""

import json
import re
from typing import Any, NamedTuple


class Example(NamedTuple):
    """`link` is the request of the headline, `request` that of the example."""

    link: str
    request: str
    response: str


EXAMPLES = {
    "currencys": Example(
        "BTC /appApi.html?action=currencys",
        "POST /appApi.html?action=currencys",
        """
{
"code": 200,
"msg": Obtain token and trading pair symbol,
"time": 1486203073756,
"data": {
    "BTC": {
            "shortName": "BTC",
            "lastUpdateTime": 1564987681191,
            "name": "BTC",
            "id": 1,
            "withDraw": "1",
            "recharge": "0",
            "maxQty": 100,
            "minQty": 0.02,
            "txFee": 0
        }
}
""",
    ),
    "symbols": Example(
        "BTC /appApi.html?action=symbols",
        "POST /appApi.html?action=symbols",
        """
    {
    "code": 200,
    "msg": Obtain token and trading pair symbol,
    "time": 1486203073756,
    "data": [{
                "symbol": 29,
                "base-currency": "CNYT",
                "quote-currency": "USDT",
                "lastUpdateTime": 1564987947865,
                "latestDealPrice": "100.0",
                "lowestPrice": "0.0",
                "highestPrice": "0.0",
                "24Total": "0.0",
                "fStatus": "1"
            }]
""",
    ),
    "getSymbol": Example(
        "BTC /appApi.html?action=getSymbol",
        "POST /appApi.html?action=getSymbol",
        """
{
  "code": 200,
  "msg": Obtain token and trading pair symbol,
  "time": 1486203073756,
  "data": {
    "币种symbol": "3-BC  4-LTC  6-HC  7-STX"
    "交易对symbol": "2:BC/CNYT  3:LTC/CNYT  5:HC/CNYT  6:STX/CNYT  7:0X/CNYT  8:CDT/CNYT ..."
                                                }
}
""",
    ),
    "depth": Example(
        "BTC /appApi.html?action=depth&symbol=1",
        "POST BTC /appApi.html?action=depth&symbol=1",
        """
{
  "code": 200,
  "msg": "Get market depth",
  "time": 1486203073756,
  "data": {
    "bids": [
            {
                "id": 1,
                "price": "0.0051",
                "amount": "12000.000"
            },
            {
                "id": 2,
                "price": "0.0035",
                "amount": "156581.460"
            },
            {
                "id": 3,
                "price": "0.003",
                "amount": "5000.000"
            } ...
            ],
    "asks": [
            {
                "id": 1,
                "price": "0.0058",
                "amount": "6752.000"
            },
            {
                "id": 2,
                "price": "0.0059",
                "amount": "252484.713"
            },
            {
                "id": 3,
                "price": "0.0061",
                "amount": "290360.742"
            } ...
            ]
  }
}
""",
    ),
    "kline": Example(
        "BTC /appApi.html?action=kline&symbol=1&step=60",
        "POST /appApi.html?action=kline&symbol=1&step=60",
        """
{
  "code": 200,
  "msg": Return value specification,
  "time": 1486203073756,
  "data": "[[1478746261695,4939.32,4939.97,4938.74,4939.58,446.9005]]"
}
""",
    ),
    "market": Example(
        "BTC /appApi.html?action=market&symbol=1",
        "POST /appApi.html?action=market&symbol=1",
        """
{
  "code": 200,
  "msg": Get enabled market information,
  "time": 1486203073756,
  "buy": 0.276,
  "sell": 0.2948,
  "data": {
        "last": 0.2763,
        "high": 0.2948,
        "low": 0.275,
        "vol": 1.9877
    }
}
""",
    ),
    "trades": Example(
        "BTC /appApi.html?action=trades?&symbol=1",
        "POST /appApi.html?action=trades&symbol=1",
        """
{
  "code": 200,
  "msg": Get the latest trade records,
  "time": 1486203073756,
  "data": [
    {
      "amount": 1.7931,
      "price": 4906.49,
      "id": 1,
      "time": "15:59:24",
      "en_type": "ask",
      "type": "卖出"
    }
}
""",
    ),
    "trade": Example(
        "BTC /appApi.html?action=trade&symbol=1&type=0&amount=1&price=5000",
        "POST /appApi.html?action=trade&symbol=1&type=buy&amount=1&price=5000",
        """
{
  "code": 200,
  "msg": "Place order successfully",
  "time": 1486203073756,
  "data": 123
}
""",
    ),
    "cancel_entrust": Example(
        "BTC /appApi.html?action=cancel_entrust?id=1",
        "POST /appApi.html?action=cancel_entrust?id=1",
        """
{
  "code": 200,
  "msg": Cancel successfully,
  "time": 1486203073756,
  "data": null
}
""",
    ),
    "entrust": Example(
        "BTC /appApi.html?action=entrust&symbol=1",
        "POST /appApi.html?action=entrust&symbol=1",
        """
{
  "code": 200,
  "msg": View open orders,
  "time": 1486203073756,
  "data": [
        {
            "prize": 0.18,
            "count": 70,
            "success_count": 0,
            "amount": 12.6,
            "success_amount": 0,
            "type": 0,
            "type_s": "买入",
            "status": 1,
            "status_s": "未成交",
            "createTime": 1564987474000,
            "id": 270532666
        }
    ]
}
""",
    ),
    "lastentrust": Example(
        "BTC /appApi.html?action=lastentrust&symbol=1",
        "POST /appApi.html?action=lastentrust&symbol=1",
        """
{
  "code": 200,
  "msg": "Get multiple orders info, return 10 records in one time",
  "time": 1486203073756,
  "data": [
        {
            "prize": 10,
            "count": 1,
            "success_count": 1,
            "amount": 10,
            "success_amount": 0.2872,
            "type": 0,
            "type_s": "买入",
            "status": 3,
            "status_s": "完全成交"
        }
    ]
}
""",
    ),
    "order": Example(
        "BTC /appApi.html?action=order&id=1",
        "POST /appApi.html?action=order&id=1",
        """
{
  "code": 200,
  "msg": Get order details by order id,
  "time": 1486203073756,
  "data": [
        {
            "prize": 0.18,
            "count": 70,
            "success_count": "0.000",
            "amount": 12.6,
            "success_amount": 0,
            "type": 0,
            "type_s": "买入",
            "status": 1,
            "status_s": "未成交",
            "id": 270532666
        }
    ]
}
""",
    ),
    "userinfo": Example(
        "BTC /appApi.html?action=userinfo",
        "POST /appApi.html?action=userinfo",
        """
{
  "code": 200,
  "msg": successful,
  "time": 1486203073756,
  "data": {
    "frozen": {
      "BTC": 0,
      "ETC": 0,
      "LTC": 0,
      "CNY": 0 ...
    },
    "free": {
      "BTC": 0,
      "ETC": 0,
      "LTC": 0,
      "CNY": 0 ...
    }
  }
}
""",
    ),
    "cancel_withdraw": Example(
        "BTC /appApi.html?action=cancel_withdraw&id=1",
        "POST /appApi.html?action=cancel_withdraw?id=1",
        """
{
  "code": 200,
  "msg": Cancel withdraw successfully,
  "time": 1486203073756,
  "data": null
}
""",
    ),
    "withdraw": Example(
        "BTC /appApi.html?action=withdraw&symbol=1&amount=1&withdrawaddress=123456",
        "POST /appApi.html?action=withdraw?symbol=1&amount=1&withdrawaddress=123456",
        """
{
  "code": 200,
  "msg": Withdraw successfully, please wait for proccessing.,
  "time": 1486203073756,
  "data": null
}
""",
    ),
    "withdraw_record": Example(
        "BTC /appApi.html?action=withdraw_record?symbol=1",
        "POST /appApi.html?action=withdraw_record?symbol=1",
        """
{
  "code": 200,
  "msg": Get digital asset withdrawal history,
  "time": 1486203073756,
  "data": [
        {
            "amount": 12.6,
            "fees": 0,
            "withdraw_virtual_address": xxx,
            "createTime": 1486203073756,
            "status": 3
            "status_s": "提现成功"
        }
   ]
}
""",
    ),
}


def printed(text: str) -> Any:
    """The value that a printed response means: quotes, commas and brackets that are missing are put in."""
    text = text.replace("...", "")
    text = re.sub(r'": (?!null\b)([A-Za-z][^,\n"]*(?:,[^,\n"]+)*)(,?)\n', r'": "\1"\2\n', text)
    text = re.sub(r'(["\d])\s*\n(\s*")', r"\1,\n\2", text)
    closed = ""
    waiting: list[str] = []
    quoted = False
    for sign in text:
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign in "{[":
            waiting.append("}" if sign == "{" else "]")
        elif not quoted and sign in "}]":
            while waiting[-1] != sign:
                closed += waiting.pop()
            waiting.pop()
        closed += sign
    return json.loads(closed + "".join(reversed(waiting)))


def shape(value: Any) -> Any:
    """Keys, nesting and types of a value; of a list, those of its items, which have to be all the same."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        shapes = [shape(item) for item in value]
        assert all(found == shapes[0] for found in shapes)
        return shapes[:1]
    if isinstance(value, bool) or value is None:
        return value
    return "text" if isinstance(value, str) else "number"
