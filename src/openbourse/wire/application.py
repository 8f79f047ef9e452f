"""All protocols of a venue as one ASGI application: the one place that knows them all."""

from collections.abc import Mapping

from openbourse.venue.front import Front
from openbourse.wire import liabilities
from openbourse.wire.coinex.app import CoinexApp
from openbourse.wire.coinex.desk import Desk
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.coinw.app import PATHS as COINW_PATHS
from openbourse.wire.coinw.app import CoinwApp
from openbourse.wire.coinw.desk import Desk as CoinwDesk
from openbourse.wire.coinw.settings import CoinwSettings
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.health import Live, Ready
from openbourse.wire.http.messages import Dialect
from openbourse.wire.http.proxies import NO_PROXIES, TrustedProxies
from openbourse.wire.http.router import Router
from openbourse.wire.reference.pages import Entrance, pages


def application(
    venue: Front,
    coinex: CoinexSettings | None = None,
    coinw: CoinwSettings | None = None,
    *,
    proxies: TrustedProxies = NO_PROXIES,
    log_requests: bool = False,
    further: Mapping[str, Dialect] | None = None,
) -> Application:
    """What `HttpServer` serves for a venue: the protocols, their descriptions, `/liabilities`, `/livez` and
    `/readyz`.

    `/appApi.html` only where `coinw` settings are given; `further` dialects by their first segments.
    """
    desk = Desk(venue, coinex or CoinexSettings())
    any_case: dict[str, Dialect] = {}
    if coinw is not None:
        any_case = dict.fromkeys(COINW_PATHS, CoinwApp(CoinwDesk(venue, coinw)))

    def why_not() -> str:
        return "the venue is stopping" if served.draining else venue.trouble()

    coinex_app = CoinexApp(desk)
    mounts: dict[str, Dialect] = {"/v2": coinex_app, "/livez": Live(), "/readyz": Ready(why_not)}
    mounts[liabilities.PATH] = liabilities.LiabilitiesPage(venue.liabilities, coinex_app.admits)
    mounts |= pages(with_coinw=coinw is not None) | {"/": Entrance()}
    mounts |= further or {}
    served = Application(
        Router(mounts, any_case), known=coinex_app.known, proxies=proxies, log_requests=log_requests
    )
    return served
