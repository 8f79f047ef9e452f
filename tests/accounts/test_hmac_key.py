"""The prepared HMAC equals the standard library's."""

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from openbourse.accounts.hmac_key import HmacKey


@given(st.binary(max_size=200), st.lists(st.binary(max_size=300), min_size=1, max_size=3))
def test_equals_the_standard_library_for_any_secret_and_repeated_use(
    secret: bytes, messages: list[bytes]
) -> None:
    key = HmacKey(secret)
    for message in messages:
        assert key.digest(message) == hmac.digest(secret, message, hashlib.sha256)
