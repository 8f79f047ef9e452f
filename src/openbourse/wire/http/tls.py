"""TLS for the server: one certificate with its key, renewed while the server runs.

New connections get the newest pair that could be read; those that exist keep theirs. A pair that cannot be
read is logged and the old one stays: half-written files must not end a venue.
"""

import asyncio
import ssl
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509

WATCH_SECONDS: Final = 10.0

_log = structlog.get_logger(__name__)


class TlsError(Exception):
    """The certificate or its key cannot be used; the text is one sentence for the operator."""


class Tls:
    """`context` is what a server listens with, for as long as it runs."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """The files hold PEM: the chain with the server's certificate first, and its key. Raises TlsError."""
        self._files = (certificate, key)
        self._seen = self._marks()
        self._current = self._load()
        self.context = self._current
        # Called in every handshake, also where the client names no server: the one place to change the pair
        # as a whole. Loading a new pair into the context in use would do it in two steps.
        self.context.sni_callback = self._switch

    @property
    def expires_at(self) -> int:
        """When the certificate in use runs out, in Unix ms."""
        return self._expires_at

    def reload(self) -> bool:
        """Read the files again; False, and a line in the log, when they cannot be used."""
        self._seen = self._marks()
        try:
            self._current = self._load()
        except TlsError as error:
            _log.error("certificate_not_reloaded", reason=str(error))
            return False
        _log.info("certificate_loaded", expires_at=self._expires_at)
        return True

    async def watch(self, seconds: float = WATCH_SECONDS) -> None:
        """Reload whenever one of the files has changed, for ever."""
        while True:
            await asyncio.sleep(seconds)
            if self._marks() != self._seen:
                self.reload()

    def _switch(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        del name, context
        if connection.context is not self._current:
            connection.context = self._current

    def _marks(self) -> tuple[object, ...]:
        """Something that differs when a file is another one than before."""
        marks: list[object] = []
        for file in self._files:
            try:
                status = file.stat()
                marks.append((status.st_mtime_ns, status.st_size, status.st_ino))
            except OSError:
                marks.append(None)
        return tuple(marks)

    def _load(self) -> ssl.SSLContext:
        certificate, key = self._files
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        try:
            # Without the password OpenSSL would ask for it on the terminal.
            context.load_cert_chain(certificate, key, password="")
            first = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
        except ssl.SSLError as error:
            reason = error.reason or error
            raise TlsError(f"{certificate} and {key} are no certificate and its open key: {reason}") from None
        except OSError as error:
            raise TlsError(f"cannot read {certificate} or {key}: {error.strerror}") from None
        except ValueError as error:
            raise TlsError(f"{certificate} holds no certificate: {error}") from None
        self._expires_at = int(first.not_valid_after_utc.timestamp() * 1000)
        return context
