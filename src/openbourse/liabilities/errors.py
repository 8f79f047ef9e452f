"""What can go wrong with publications and proofs. Every message is one sentence for a person."""


class LiabilityError(Exception):
    """Nothing is published, or there is no such proof."""


class UnpublishedError(LiabilityError):
    """Nothing was published of that command, or of any yet."""


class ImbalanceError(LiabilityError):
    """What users own is not what the ledger says the venue owes."""
