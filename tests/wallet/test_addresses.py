"""Addresses: formats and checksums of chains, the address book, the allow-list."""

import pytest

from openbourse.wallet.address_formats import format_of
from openbourse.wallet.addresses import AddressBook
from openbourse.wallet.allow_list import MAX_ENTRIES, AllowedAddress, WithdrawalAllowList
from openbourse.wallet.database import open_engine
from openbourse.wallet.keccak import keccak_256
from openbourse.wallet.simulated_chain import SimulatedChain

CHAINS = ("BTC", "LTC", "DOGE", "TRC20", "XRP", "SOL", "ERC20", "BSC", "TON")
# Addresses that are public knowledge: genesis block, the examples of EIP-55, system accounts.
REAL = [
    ("BTC", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ("BTC", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    ("BTC", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    ("BTC", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
    ("ERC20", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
    ("ERC20", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"),
    ("BSC", "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"),
    ("ERC20", "0xde709f2102306220921060314715629080e2fb77"),
    ("TRC20", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    ("XRP", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"),
    ("SOL", "So11111111111111111111111111111111111111112"),
]


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_keccak(data: bytes, digest: str) -> None:
    assert keccak_256(data).hex() == digest


def test_keccak_of_more_than_one_block() -> None:
    assert len({keccak_256(b"x" * length) for length in range(130, 280)}) == 150


@pytest.mark.parametrize(("chain", "address"), REAL)
def test_real_addresses_are_accepted(chain: str, address: str) -> None:
    assert format_of(chain).is_valid(address)


@pytest.mark.parametrize(("chain", "address"), REAL)
def test_the_usual_spelling_is_an_address_and_its_own(chain: str, address: str) -> None:
    form = format_of(chain)
    usual = form.usual(address)
    assert form.is_valid(usual)
    assert usual.lower() == address.lower()
    assert form.usual(usual) == usual


def test_the_usual_spelling_has_the_checksum_where_there_is_one() -> None:
    plain = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
    assert format_of("ERC20").usual(plain) == "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    segwit = "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"
    assert format_of("BTC").usual(segwit) == segwit.lower()
    own = format_of("ERC20").encode(b"k" * 32)
    assert format_of("ERC20").usual(own.lower()) == own


def test_a_changed_letter_of_a_segwit_address_is_found() -> None:
    address = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
    for place in range(4, len(address)):
        other = "q" if address[place] != "q" else "p"
        assert not format_of("BTC").is_valid(address[:place] + other + address[place + 1 :])


@pytest.mark.parametrize("chain", [chain for chain in CHAINS if chain != "SOL"])
def test_a_changed_letter_is_found(chain: str) -> None:
    """Solana's addresses have no checksum."""
    form = format_of(chain)
    for number in range(5):
        address = form.encode(bytes([number]) * 32)
        assert form.is_valid(address)
        for place in range(len(address)):
            other = "2" if address[place] != "2" else "3"
            changed = address[:place] + other + address[place + 1 :]
            assert changed.lower() == changed or not form.is_valid(changed)


@pytest.mark.parametrize("chain", CHAINS)
def test_other_text_is_no_address(chain: str) -> None:
    own = format_of(chain).encode(b"k" * 32)
    assert ":" not in own  # clients split there (account-assets.md B13)
    for text in ("", " ", "0x", own[:-4], own + "111", f" {own}", "é" * 34, "x" * 10_000):
        assert not format_of(chain).is_valid(text)


@pytest.mark.parametrize("chain", CHAINS)
def test_addresses_of_a_chain_are_its_own_and_stay_the_same(chain: str) -> None:
    first, again = (SimulatedChain(chain, open_engine("sqlite://"), lambda: 0, "s") for _ in range(2))
    addresses = [first.new_address(index) for index in range(50)]
    assert len(set(addresses)) == 50
    assert all(first.is_valid_address(address) for address in addresses)
    assert addresses == [again.new_address(index) for index in range(50)]
    assert addresses[1] != SimulatedChain(chain, open_engine("sqlite://"), lambda: 0, "t").new_address(1)


def test_the_address_book_remembers_everybody() -> None:
    engine = open_engine("sqlite://")
    book = AddressBook(engine)

    def make(index: int) -> str:
        return f"address-{index}"

    first = book.give(1, "NET", make, memo=False, now=5)
    second = book.give(1, "NET", make, memo=False, now=6)
    other = book.give(2, "NET", make, memo=False, now=7)
    shared = [book.give(user, "MEMO", make, memo=True, now=8) for user in (1, 2)]
    for reader in (book, AddressBook(engine)):
        assert reader.current(1, "NET") == second
        assert reader.current(3, "NET") is None
        assert [reader.owner("NET", each.address, "") for each in (first, second, other)] == [1, 1, 2]
        assert reader.owner("NET", first.address, "a memo nobody asked for") == 1
        assert [reader.owner("MEMO", each.address, each.memo) for each in shared] == [1, 2]
        assert reader.owner("MEMO", shared[0].address, "") is None
        assert reader.owner("MESH", first.address, "") is None
        assert reader.chains() == ["MEMO", "NET"]
    third = AddressBook(engine).give(3, "NET", make, memo=False, now=9)
    assert third.address not in (first.address, second.address, other.address)


def test_the_allow_list_is_exact() -> None:
    engine = open_engine("sqlite://")
    allowed = WithdrawalAllowList(engine)
    entry = AllowedAddress("NET", "there", "7", "rent", 5)
    allowed.add(1, entry)
    allowed.add(1, entry)
    allowed.add(1, AllowedAddress("", "bob"))
    assert WithdrawalAllowList(engine).entries(1) == [entry, AllowedAddress("", "bob")]
    assert allowed.allows(1, "NET", "there", "7")
    for user, chain, address, memo in (
        (2, "NET", "there", "7"),
        (1, "MESH", "there", "7"),
        (1, "NET", "There", "7"),
        (1, "NET", "there", ""),
        (1, "NET", "bob", ""),
    ):
        assert not allowed.allows(user, chain, address, memo)
        assert not allowed.remove(user, chain, address, memo)
    assert allowed.remove(1, "NET", "there", "7")
    assert not allowed.allows(1, "NET", "there", "7")


def test_the_allow_list_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_ENTRIES == 1000
    monkeypatch.setattr("openbourse.wallet.allow_list.MAX_ENTRIES", 2)
    allowed = WithdrawalAllowList(open_engine("sqlite://"))
    for name in ("a", "b"):
        allowed.add(1, AllowedAddress("", name))
    with pytest.raises(ValueError, match="at most 2"):
        allowed.add(1, AllowedAddress("", "c"))
    allowed.add(2, AllowedAddress("", "c"))
