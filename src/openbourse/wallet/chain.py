"""Chain: what the wallet needs of a blockchain, whichever it is.

All amounts are money (10^-24). A chain is asked from one task at a time. Any method may raise
ChainUnavailableError, after which the same question may be asked again.
"""

from typing import Protocol

import msgspec


class ChainUnavailableError(Exception):
    """The chain cannot be asked just now; nothing was done."""


class BroadcastRefusedError(Exception):
    """The transaction was refused for certain, and will never be on the chain."""


class BroadcastUnknownError(Exception):
    """Nobody knows whether the transaction was sent: it must not be sent again by a machine."""


class Incoming(msgspec.Struct, frozen=True):
    """An output of a transaction as it stands now; 0 confirmations while it waits for a block."""

    tx_id: str
    output: int
    asset: str
    address: str
    memo: str
    amount: int
    confirmations: int


class Outgoing(msgspec.Struct, frozen=True):
    """A payment to be sent; `reference` names it for ever."""

    reference: str
    asset: str
    address: str
    memo: str
    amount: int


class Chain(Protocol):
    """One blockchain, and the venue's keys on it."""

    def new_address(self, index: int) -> str:
        """The `index`-th of the venue's addresses; equal indices give equal addresses for ever."""

    def is_valid_address(self, address: str) -> bool:
        """Whether the text is an address of this chain: its alphabet, its length, its checksum."""

    def usual_spelling(self, address: str) -> str:
        """How `new_address` and `incoming` spell this address; text that is no address stays as it is."""

    async def height(self) -> int:
        """The number of the newest block."""

    async def incoming(self, since: int) -> list[Incoming]:
        """Outputs in the blocks from height `since` on, and in transactions that wait for one."""

    async def find_incoming(self, tx_id: str, output: int) -> Incoming | None:
        """One output as it stands now; None when the chain does not know it any more."""

    async def broadcast(self, payment: Outgoing) -> str:
        """Send a payment; its transaction. Raises BroadcastRefusedError or BroadcastUnknownError."""

    async def find_outgoing(self, reference: str) -> str | None:
        """The transaction of a payment that was perhaps sent before; None when it certainly was not.

        Raises BroadcastUnknownError when the chain cannot tell.
        """

    async def confirmations(self, tx_id: str) -> int | None:
        """How deep a payment is, 0 before its first block, None when the chain does not know it any more."""


class Chains(Protocol):
    """The chains that this venue is connected to."""

    def get(self, name: str) -> Chain | None:
        """The chain of this name, as in the asset catalogue; None when the venue has no connection to it."""


class NoChains:
    """A venue that is connected to none: deposits and withdrawals are the operator's business."""

    def get(self, name: str) -> Chain | None:
        """See Chains.get."""
        del name
        return None
