"""The vectors of the documentation and of reference/coinw/legacy.md §3."""

import pytest

from openbourse.wire.coinw.parameters import Parameters, read_parameters
from openbourse.wire.coinw.signature import ambiguous, digest, signed_by

KEY = "3f0c1a52-7d84-4b1e-9a66-51c0f7e2b9d4"
SECRET = "9B2D6F41C8E05A7312D4F6B8A90C1E3D"
TRADE = f"amount=0.25&api_key={KEY}&price=64200.5&symbol=78&type=0"


def sent(action: str, form: str, sign: str) -> Parameters:
    return read_parameters(f"action={action}".encode(), f"{form}&sign={sign}".encode())


def test_the_documentation_s_own_example() -> None:
    # Its five parameters in the order in which it lists them.
    form = "api_key=c821db84-6fbd-11e4-a9e3-c86000d26d7c&symbol=btc_cny&type=0&price=680&amount=1.0"
    assert signed_by(sent("trade", form, "FF7C47DE0ABBC71C1ED40C5C4FFEFCF0"), "secretKey")
    text = "amount=1.0&api_key=c821db84-6fbd-11e4-a9e3-c86000d26d7c&price=680&symbol=btc_cny&type=0"
    assert digest(text, "secretKey").upper() == b"FF7C47DE0ABBC71C1ED40C5C4FFEFCF0"


@pytest.mark.parametrize(
    ("action", "form", "sign"),
    [
        ("trade", TRADE, "15208357BA5D288C27317F3263D33BCD"),
        ("trade", TRADE, "C859F2A0A8DE8A6ED0A2DDF508CC954A"),
        ("cancel_entrust", f"api_key={KEY}&id=880014527", "40078F3736C40D7A7F1756E4C226C34D"),
        ("userinfo", f"api_key={KEY}", "84095D9E1C12CDBC6364F464E0E44D10"),
        ("entrust", f"api_key={KEY}&symbol=BTC/USDT", "EE84E97142E4A4D27155DE940CD4E9BB"),
        ("entrust", f"api_key={KEY}&symbol=BTC%2FUSDT", "EE84E97142E4A4D27155DE940CD4E9BB"),
        ("entrust", f"api_key={KEY}&symbol=BTC%2FUSDT", "9250E68D45D4D4ABFE0A6F9D8A4DD4F4"),
    ],
)
def test_the_vectors_of_the_reference(action: str, form: str, sign: str) -> None:
    for spelling in (sign, sign.lower()):
        parameters = sent(action, form, spelling)
        assert signed_by(parameters, SECRET)
        assert not signed_by(parameters, SECRET[:-1] + "E")
    assert not signed_by(sent(action, form.replace("3f0c1a52", "3f0c1a53"), sign), SECRET)


def test_an_encoded_text_only_signs_a_request_that_was_encoded_so() -> None:
    assert not signed_by(
        sent("entrust", f"api_key={KEY}&symbol=BTC/USDT", "9250E68D45D4D4ABFE0A6F9D8A4DD4F4"), SECRET
    )


def test_values_are_signed_as_they_are_sent() -> None:
    assert not signed_by(
        sent("trade", TRADE.replace("0.25", "0.250"), "15208357BA5D288C27317F3263D33BCD"), SECRET
    )


def test_the_parts_may_come_in_any_order_and_place() -> None:
    query = f"type=0&sign=15208357BA5D288C27317F3263D33BCD&symbol=78&action=trade&api_key={KEY}"
    assert signed_by(read_parameters(query.encode(), b"price=64200.5&amount=0.25"), SECRET)
    body = (
        f'{{"amount":0.25,"api_key":"{KEY}","price":"64200.5","symbol":78,"type":0,'
        '"sign":"15208357BA5D288C27317F3263D33BCD"}'
    )
    assert signed_by(read_parameters(b"action=trade", body.encode()), SECRET)


def test_parameters_behind_a_question_mark_are_signed() -> None:
    query = f"action=cancel_entrust?id=880014527&api_key={KEY}&sign=40078F3736C40D7A7F1756E4C226C34D"
    assert signed_by(read_parameters(query.encode()), SECRET)


def test_a_client_that_leaves_blank_values_out_of_the_text() -> None:
    form = TRADE + "&memo="
    assert signed_by(sent("trade", form, "15208357BA5D288C27317F3263D33BCD"), SECRET)
    with_blank = digest(f"amount=0.25&api_key={KEY}&memo=&price=64200.5&symbol=78&type=0", SECRET).decode()
    assert signed_by(sent("trade", form, with_blank), SECRET)


def test_without_a_signature_nothing_is_signed() -> None:
    for form in (TRADE, f"{TRADE}&sign=", f"{TRADE}&sign=%C3%9F"):
        assert not signed_by(read_parameters(b"action=trade", form.encode()), SECRET)


@pytest.mark.parametrize("form", ["a=1%26b=2", "a%26b=1", "a%3Db=1"])
def test_a_text_that_reads_in_two_ways_is_ambiguous(form: str) -> None:
    assert ambiguous(read_parameters(f"action=trade&{form}".encode()))
    assert not ambiguous(read_parameters(b"action=trade&a=1=2&b=/%25+x"))
