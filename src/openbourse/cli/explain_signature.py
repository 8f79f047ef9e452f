"""`openbourse explain-signature`: what has to be signed, and what a signature has signed instead."""

from pathlib import Path

import click

from openbourse.wire.coinex import signature_advice as coinex_advice
from openbourse.wire.coinex.auth import SIGNATURE_HEADER, TIMESTAMP_HEADER
from openbourse.wire.coinex.signature_advice import SentRequest
from openbourse.wire.coinw import signature_advice as coinw_advice


@click.command()
@click.argument("protocol", type=click.Choice(["coinex", "coinw"]))
@click.option("--method", default="GET", show_default=True)
@click.option("--target", required=True, help="Path and query as sent: /v2/spot/order?market=BTCUSDT.")
@click.option("--body", default="", help="The body as sent, byte for byte; @FILE reads it from a file.")
@click.option("--timestamp", default="", help="What the header X-COINEX-TIMESTAMP had.")
@click.option("--signature", default="", help="What the header X-COINEX-SIGN had.")
@click.password_option("--secret", confirmation_prompt=False, help="Asked for when it is not given.")
def command(
    protocol: str, method: str, target: str, body: str, timestamp: str, signature: str, secret: str
) -> None:
    """Explain a signature, offline. For CoinW the signature is the `sign` in the query or the body."""
    content = Path(body[1:]).read_bytes() if body.startswith("@") else body.encode()
    if protocol == "coinex":
        headers = {TIMESTAMP_HEADER: timestamp.encode(), SIGNATURE_HEADER: signature.encode()}
        explained = coinex_advice.explain(SentRequest(method, target.encode(), headers, content), secret)
    else:
        explained = coinw_advice.explain(target.partition("?")[2].encode(), content, secret)
    click.echo(f"to sign:  {explained.signed}")
    click.echo(f"with:     {explained.how}")
    click.echo(f"sent:     {explained.sent or '-'}")
    click.echo(f"finding:  {explained.finding}")
