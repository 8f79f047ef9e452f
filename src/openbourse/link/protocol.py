"""Frames on a Unix socket, for both ends of the link.

A frame is four bytes of length, big-endian, and a JSON list of messages. What is sent within one turn of the
loop and the next leaves as one frame.
"""

import asyncio
import traceback
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar, cast

import msgspec
import structlog

from openbourse.link.messages import Message, encoder

MAX_FRAME: Final = 256 * 1024 * 1024
MAX_UNSENT: Final = 64 * 1024 * 1024

_LENGTH: Final = 4

M = TypeVar("M")
_log = structlog.get_logger(__name__)


class LinkProtocol(asyncio.Protocol, Generic[M]):
    """One end of the link. `on_message` gets every message, `on_lost` is called once at the end."""

    def __init__(
        self,
        decoder: "msgspec.json.Decoder[list[M]]",
        on_message: Callable[["LinkProtocol[M]", M], None],
        on_lost: Callable[["LinkProtocol[M]"], None],
    ) -> None:
        self.lost = False
        self.sent_frames = 0
        self._decode = decoder.decode
        self._on_message = on_message
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._outbox: list[Message] = []
        self._aborted = False
        self._writable = asyncio.Event()
        self._writable.set()

    def send(self, message: Message) -> None:
        """Send it with what else is sent in this turn of the loop; nothing after the end."""
        if self.lost:
            return
        self._outbox.append(message)
        if len(self._outbox) == 1:
            # A turn later, so that the answers to what this turn has set free are in the same frame.
            self._loop.call_soon(self._loop.call_soon, self._flush)

    async def drained(self) -> None:
        """Send what was said, and wait until the other end has read most of it, or the link has ended.

        Others have their turn meanwhile in any case.
        """
        self._flush()
        await asyncio.sleep(0)
        await self._writable.wait()

    def abort(self) -> None:
        """End now, whatever is under way; at once when there is a connection, if there is none yet."""
        self._aborted = True
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """End when all that was said has been sent."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    # -- asyncio's side ------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclass of asyncio's
        if self._aborted:
            self._transport.abort()
            return
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        del exc
        if not self.lost:
            self.lost = True
            self._transport = None
            self._outbox.clear()
            self._writable.set()
            self._on_lost(self)

    def pause_writing(self) -> None:
        """See asyncio.Protocol."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """See asyncio.Protocol."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        received = self._received
        if (
            not received
            and len(data) > _LENGTH
            and len(data) - _LENGTH == int.from_bytes(data[:_LENGTH], "big")
        ):
            self._take(data[_LENGTH:])  # one whole frame, as nearly always
            return
        received += data
        start, end = 0, len(received)
        while end - start >= _LENGTH:
            body = start + _LENGTH
            length = int.from_bytes(received[start:body], "big")
            if length > MAX_FRAME:
                _log.error("link_frame_too_large", length=length)
                self.abort()
                return
            if end - body < length:
                break
            start = body + length
            self._take(bytes(received[body:start]))
        del received[:start]

    def _take(self, frame: bytes) -> None:
        if self._aborted:  # frames that came with the one that was not understood
            return
        try:
            for message in self._decode(frame):
                if self.lost or self._aborted:
                    return
                self._on_message(self, message)
        except Exception:  # noqa: BLE001 - whoever does not understand the other end must not go on
            _log.error("link_broken", traceback=traceback.format_exc())
            self.abort()

    def _flush(self) -> None:
        transport = self._transport
        if not self._outbox or transport is None:
            return
        messages, self._outbox = self._outbox, []
        frame: Any = encoder.encode(messages)
        transport.write(len(frame).to_bytes(_LENGTH, "big") + frame)
        self.sent_frames += 1
        if transport.get_write_buffer_size() > MAX_UNSENT:
            _log.error("link_reader_too_slow", unsent=transport.get_write_buffer_size())
            self.abort()
