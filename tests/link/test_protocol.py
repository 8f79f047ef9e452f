"""Frames on a socket."""

from openbourse.link import messages, protocol


async def test_frames_in_any_pieces() -> None:
    taken: list[int] = []
    link = protocol.LinkProtocol(
        messages.from_gateway,
        lambda _, message: taken.append(message.number),  # type: ignore[union-attr]
        lambda _: None,
    )
    body = messages.encoder.encode([messages.Known(1), messages.Known(2)])
    frame = len(body).to_bytes(4, "big") + body
    stream = frame * 3
    for size in (1, 3, 7, len(frame), len(stream)):
        taken.clear()
        for start in range(0, len(stream), size):
            link.data_received(stream[start : start + size])
        assert taken == [1, 2] * 3


async def test_nothing_is_taken_in_after_what_was_not_understood() -> None:
    taken: list[int] = []

    def take(_: object, message: messages.FromGateway) -> None:
        assert isinstance(message, messages.Known)
        taken.append(message.number)
        if message.number == 2:
            raise ValueError("not understood")

    link = protocol.LinkProtocol(messages.from_gateway, take, lambda _: None)
    for last in (3, 5):
        body = messages.encoder.encode([messages.Known(last - number) for number in range(3)])
        link.data_received((len(body).to_bytes(4, "big") + body) * 2)
    assert taken == [3, 2]
