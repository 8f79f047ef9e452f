"""HTTPS from the server itself, and another certificate while it runs."""

import asyncio
import ssl
import time
from pathlib import Path

import pytest

from openbourse.wire.http.asgi import Application
from openbourse.wire.http.health import Live
from openbourse.wire.http.router import Router
from openbourse.wire.http.server import HttpServer
from openbourse.wire.http.tls import Tls, TlsError
from tests.waiting import SECONDS
from tests.wire.http.certificates import DAYS, anyone, common_name, trusting, write_pair

REQUEST = b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
APP = Application(Router({"/livez": Live()}))


async def ask(server: HttpServer, context: ssl.SSLContext) -> tuple[str, bytes]:
    """Who the server is, and what it answers."""
    reader, writer = await asyncio.open_connection(server.host, server.port, ssl=context)
    found = writer.get_extra_info("ssl_object")
    writer.write(REQUEST)
    answer = await reader.read()
    writer.close()
    return common_name(found.getpeercert(binary_form=True)), answer


async def test_a_client_that_trusts_the_certificate_is_served(tmp_path: Path) -> None:
    tls = Tls(*write_pair(tmp_path, "first"))
    async with HttpServer(APP, tls=tls) as server:
        assert server.url == f"https://127.0.0.1:{server.port}"
        name, answer = await ask(server, trusting(tmp_path / "server.crt"))
        assert name == "first"
        assert answer.startswith(b"HTTP/1.1 200")
    days = (tls.expires_at / 1000 - time.time()) / 86400
    assert DAYS - 1 < days < DAYS


async def test_a_new_pair_counts_for_new_connections(tmp_path: Path) -> None:
    tls = Tls(*write_pair(tmp_path, "first"))
    async with HttpServer(APP, tls=tls) as server:
        old_reader, old_writer = await asyncio.open_connection(server.host, server.port, ssl=anyone())
        write_pair(tmp_path, "second")
        assert (await ask(server, anyone()))[0] == "first"
        assert tls.reload()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = trusting(tmp_path / "server.crt")
            context.minimum_version = context.maximum_version = version
            assert (await ask(server, context))[0] == "second"
        old_writer.write(REQUEST)
        assert (await old_reader.read()).startswith(b"HTTP/1.1 200")
        old_writer.close()


async def test_changed_files_are_noticed(tmp_path: Path) -> None:
    tls = Tls(*write_pair(tmp_path, "first"))
    watch = asyncio.create_task(tls.watch(0.02))
    async with HttpServer(APP, tls=tls) as server:
        write_pair(tmp_path, "second")
        async with asyncio.timeout(SECONDS):
            while (await ask(server, anyone()))[0] != "second":
                pass
    watch.cancel()


@pytest.mark.parametrize("half", ["", "-----BEGIN CERTIFICATE-----\n", "nonsense"])
async def test_a_pair_that_cannot_be_used_leaves_the_old_one(tmp_path: Path, half: str) -> None:
    tls = Tls(*write_pair(tmp_path, "first"))
    expires_at = tls.expires_at
    (tmp_path / "server.crt").write_text(half)
    assert not tls.reload()
    (tmp_path / "server.key").unlink()
    assert not tls.reload()
    async with HttpServer(APP, tls=tls) as server:
        assert (await ask(server, anyone()))[0] == "first"
    assert tls.expires_at == expires_at


def test_a_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    certificate, key = write_pair(tmp_path, "first")
    kept = certificate.read_bytes()
    write_pair(tmp_path, "second")
    certificate.write_bytes(kept)
    with pytest.raises(TlsError, match=r"server\.crt"):
        Tls(certificate, key)


def test_a_locked_key_is_refused_without_a_question(tmp_path: Path) -> None:
    with pytest.raises(TlsError):
        Tls(*write_pair(tmp_path, "locked", password=b"hidden"))
    with pytest.raises(TlsError, match="cannot read"):
        Tls(tmp_path / "none.crt", tmp_path / "none.key")


async def test_old_versions_and_plain_http_are_refused(tmp_path: Path) -> None:
    async with HttpServer(APP, tls=Tls(*write_pair(tmp_path, "first"))) as server:
        old = anyone()
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await ask(server, old)
        reader, writer = await asyncio.open_connection(server.host, server.port)
        writer.write(REQUEST)
        assert b"HTTP/1.1 200" not in await reader.read()
        writer.close()
        assert (await ask(server, anyone()))[1].startswith(b"HTTP/1.1 200")
