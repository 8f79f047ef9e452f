"""What is signed is what is sent (reference/coinex/conventions.md §2.4)."""

from typing import Any

import msgspec
import pytest

from openbourse.client.coinex import answers, types
from openbourse.client.coinex.calls import assets, spot_markets
from openbourse.client.coinex.signer import Signer
from openbourse.client.request import Request
from tests.client.coinex.world import World

KEY = "9C2D4E6F81A34B5C9D0E1F2A3B4C5D6E"
SECRET = "5F1B7A0C3D9E48A6B2C47D8E9F01A2B3C4D5E6F708192A3B"


def transfers(**params: object) -> Request[Any]:
    path = "/v2/assets/transfer-history"
    return Request("GET", path, params, answers.page(types.Transfer), signed=True)


@pytest.mark.parametrize(
    ("request_", "now", "signature"),
    [
        (
            transfers(ccy="USDT", transfer_type="FUTURES", page=1, limit=20),
            1762444800123,
            "2e0156a52c4a227c00acf775701ddd3ad4702e1e6633ab709bbe115ece36232d",
        ),
        (
            assets.spot_balance(),
            1762444800789,
            "88e93cf2b3858a498ea6139b90b2509c85eac0c7d471ffbaa33655f36a1bfa6b",
        ),
        (
            assets.transfer(ccy="USDT", from_account_type="SPOT", to_account_type="FUTURES", amount="250.5"),
            1762444800456,
            None,
        ),
    ],
)
def test_the_examples_of_the_reference(request_: Request[Any], now: int, signature: str | None) -> None:
    signer = Signer(KEY, SECRET, lambda: now, window=3000)
    sent = signer.prepared(request_)
    assert sent.headers["X-COINEX-KEY"] == KEY
    assert (sent.headers["X-COINEX-TIMESTAMP"], sent.headers["X-COINEX-WINDOWTIME"]) == (str(now), "3000")
    if signature is None:
        # The example's fields come in another order: any is right, as long as it is the one that is sent.
        example = b'{"ccy":"USDT","from_account_type":"SPOT","to_account_type":"FUTURES","amount":"250.5"}'
        assert msgspec.json.decode(sent.body) == msgspec.json.decode(example)
        text = b"POST/v2/assets/transfer" + example + str(now).encode()
        assert signer.signature(text) == "0daf7a225e6dc8896d85a68f25968b4a9d4f1ddd79b8edcd28b9cab66ee7464f"
    else:
        assert sent.headers["X-COINEX-SIGN"] == signature


@pytest.mark.parametrize("tx_id", ["a b", "a+b", "a&b=c", "%41", "ä€", "/?#[]@!$'()*,;=:~", '"<>\\^`{|}'])
def test_odd_texts_arrive_as_they_are(tx_id: str, world: World) -> None:
    assert world.client.assets.deposits(tx_id=tx_id).rows == []
    assert world.client.spot.pending_orders(market="BTCUSDT").has_next is False


def test_public_requests_are_not_signed() -> None:
    sent = Signer(KEY, SECRET).prepared(spot_markets.depth(market="BTCUSDT"))
    assert (sent.target, dict(sent.headers)) == ("/v2/spot/depth?market=BTCUSDT&limit=20&interval=0", {})
