"""One word per thing: the spellings of foreign protocols live in wire/ and nowhere else."""

import re

from tools.tidy.source import Finding, Source

# Foreign word -> the house's word (docs/glossary.md).
WORDS = {
    "access_id": "key_id",
    "secret_key": "secret",
    "ccy": "asset",
    "base_ccy": "base",
    "quote_ccy": "quote",
    "base_ccy_precision": "base_precision",
    "quote_ccy_precision": "quote_precision",
    "deal_id": "trade_id",
    "user_deals": "trades of a user",
    "order_deals": "trades of an order",
    "maker_only": "post_only",
    "is_hide": "hidden",
    "stp_mode": "self_trade",
    "unfilled_amount": "remaining",
    "unfilled_value": "remaining",
    "filled_amount": "filled_quantity",
    "filled_value": "filled_notional",
    "last_filled_amount": "last_quantity",
    "last_filled_price": "last_price",
    "discount_fee": "token_fee",
    "is_discount": "fee_discount",
    "cet_discount_enabled": "fee_discount",
    "cancel_entrust": "CancelOrder",
    "cancelEntrust": "CancelOrder",
    "entrust": "order",
    "entrustId": "order_id",
    "orderNumber": "order_id",
    "currencyPair": "market",
    "symbolId": "market",
}

# Who speaks to, or as, a foreign client: these know the foreign words by trade.
SPEAKERS = (
    "src/openbourse/wire",
    "src/openbourse/client",
    "tests/client",
    "tests/wire",
    "tests/compliance",
    "tests/recovery",  # a client of the venue that it kills
    "tests/simulation/town",  # its people are clients
    "benchmarks",
    "tools/clients",
    "tools/tidy",
)

# Names are split at the edges of words, so that `user_access_id` is found but `success` is not.
_PATTERN = re.compile(rf"(?<![A-Za-z])({'|'.join(sorted(WORDS, key=len, reverse=True))})(?![A-Za-z])")


def check_words(source: Source) -> list[Finding]:
    """Foreign words in code, texts or comments of a file that should not know them."""
    if any(source.path.is_relative_to(folder) for folder in SPEAKERS):
        return []
    findings = []
    for number, line in enumerate(source.text.splitlines(), start=1):
        for match in _PATTERN.finditer(line):
            message = f"{match[1]} is a foreign word: here it is called {WORDS[match[1]]!r}"
            findings.append(Finding(source.path, number, message))
    return findings
