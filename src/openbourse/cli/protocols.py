"""What the configuration says about the protocols and their servers."""

from collections.abc import Mapping
from ipaddress import ip_address

import click

from openbourse.configuration import Configuration
from openbourse.log.data_directory import Mode
from openbourse.venue.front import Front
from openbourse.wire.application import application
from openbourse.wire.coinex.settings import CoinexSettings
from openbourse.wire.coinex.ws.limits import WsLimits
from openbourse.wire.coinw.settings import CoinwSettings
from openbourse.wire.http.asgi import Application
from openbourse.wire.http.messages import Dialect
from openbourse.wire.http.proxies import TrustedProxies


def served(
    front: Front,
    configuration: Configuration,
    mode: Mode,
    proxies: TrustedProxies,
    further: Mapping[str, Dialect] | None = None,
) -> Application:
    """All protocols that are served to clients, and `further` ones by their first segments."""
    return application(
        front,
        coinex_settings(configuration),
        coinw_settings(configuration, mode),
        proxies=proxies,
        log_requests=configuration.log.level == "debug",
        further=further,
    )


def coinex_settings(configuration: Configuration) -> CoinexSettings:
    return CoinexSettings(
        rate_limits=configuration.limits.rate_limits,
        accept_plain_sha256=configuration.coinex.accept_plain_sha256,
        kline_volume_in_quote=configuration.coinex.swap_candle_volume,
    )


def websocket_limits(configuration: Configuration) -> WsLimits:
    """The limits of the WebSocket side as the operator has set them."""
    chosen = configuration.websocket
    limits = WsLimits(
        connections=chosen.connections,
        connections_per_address=chosen.connections_per_address,
        message_bytes=chosen.message_bytes,
        subscriptions=chosen.subscriptions,
        request_rate=chosen.request_rate,
        request_burst=chosen.request_burst,
        send_queue=chosen.send_queue,
        ping_every=chosen.idle_seconds / 4,
        idle=chosen.idle_seconds,
    )
    return limits if configuration.limits.rate_limits else limits.without_rates()


def coinw_settings(configuration: Configuration, mode: Mode) -> CoinwSettings | None:
    """None where the protocol is not served."""
    here = ("always", mode)
    if configuration.coinw.enabled not in here:
        return None
    return CoinwSettings(
        withdrawals=configuration.coinw.withdrawals in here,
        market_copies=configuration.coinw.market_copies,
        rate_limits=configuration.limits.rate_limits,
    )


def check_exposure(configuration: Configuration) -> None:
    """Refuse to speak plain HTTP to other machines unless the operator says so."""
    server = configuration.server
    if bool(server.tls_certificate) != bool(server.tls_key):
        raise click.ClickException("TLS needs both, server.tls_certificate and server.tls_key")
    if server.tls_certificate or server.allow_plain_http or _is_loopback(server.host):
        return
    raise click.ClickException(
        f"{server.host} is reached from other machines and HTTP is not encrypted: set server.tls_certificate "
        "and server.tls_key, or put something that speaks TLS in front and listen on 127.0.0.1, or set "
        "server.allow_plain_http"
    )


def _is_loopback(host_name: str) -> bool:
    if host_name == "localhost":
        return True
    try:
        return ip_address(host_name).is_loopback
    except ValueError:
        return False
