"""The tape: newest first, above an id, never longer than it may be."""

from openbourse.market_data.tape import TAPE_LENGTH, Tape, TapeTrade


def tape_of(count: int) -> Tape:
    tape = Tape()
    for number in range(1, count + 1):
        tape.add(TapeTrade(number, number * 10, 5, 1, "buy"))
    return tape


def test_newest_first_above_an_id() -> None:
    tape = tape_of(20)
    assert [trade.trade_id for trade in tape.newest(3)] == [20, 19, 18]
    assert [trade.trade_id for trade in tape.newest(5, above=17)] == [20, 19, 18]
    assert [trade.trade_id for trade in tape.newest(2, above=17)] == [20, 19]
    assert tape.newest(5, above=20) == []
    assert tape.newest(0) == []
    assert (tape.last_id, Tape().last_id) == (20, 0)


def test_the_oldest_trades_fall_off() -> None:
    tape = tape_of(TAPE_LENGTH + 5)
    assert len(tape) == TAPE_LENGTH
    assert tape.newest(TAPE_LENGTH)[-1].trade_id == 6
