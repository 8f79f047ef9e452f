"""The table of all endpoints: what is served, and what the documentation is made from."""

from openbourse.wire.coinex import (
    account,
    assets,
    common,
    futures,
    spot_deals,
    spot_klines,
    spot_markets,
    spot_orders,
    spot_queries,
    spot_stops,
)
from openbourse.wire.coinex.endpoint import AnyEndpoint

ENDPOINTS: list[AnyEndpoint] = [
    *common.ENDPOINTS,
    *spot_markets.ENDPOINTS,
    *spot_klines.ENDPOINTS,
    *spot_orders.ENDPOINTS,
    *spot_stops.ENDPOINTS,
    *spot_queries.ENDPOINTS,
    *spot_deals.ENDPOINTS,
    *assets.ENDPOINTS,
    *account.ENDPOINTS,
    *futures.ENDPOINTS,
]
