"""user_deals: the fills of one's orders, one push each (ws §8)."""

from openbourse.core.events import Trade, TradeSide
from openbourse.wire.coinex.numbers import decimal, money
from openbourse.wire.coinex.shapes import UserDeal
from openbourse.wire.coinex.ws.private_channel import PrivateChannel, margin_market


class UserDealsChannel(PrivateChannel):
    """Who trades with oneself gets two pushes, one per order."""

    method = b"user_deals.update"

    def traded(self, trade: Trade, time: int) -> None:
        """A trade happened at `time` (ms)."""
        self._fill(trade, trade.taker, "taker", time)
        self._fill(trade, trade.maker, "maker", time)

    def _fill(self, trade: Trade, side: TradeSide, role: str, time: int) -> None:
        takers = self.takers(side.user, trade.market)
        margin = margin_market(side.wallet)
        if not takers or margin is None:
            return
        fill = UserDeal(
            deal_id=trade.trade_id,
            created_at=time,
            market=trade.market,
            margin_market=margin,
            side=side.side,
            order_id=side.order_id,
            client_id=side.client_id,
            price=decimal(trade.price),
            amount=decimal(trade.quantity),
            role=role,
            fee=money(side.fee),
            fee_ccy=side.fee_asset,
        )
        self.deliver(fill, takers)
