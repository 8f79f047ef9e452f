"""What can go wrong with accounts. Every message is one clear sentence for a person, without secrets."""


class AccountsError(Exception):
    """Base of all errors of this room."""


class InvalidDetailsError(AccountsError):
    """A name, remark, permission or address that nobody may have."""


class NameTakenError(AccountsError):
    """Another user (of the same main account) has this name."""


class LimitReachedError(AccountsError):
    """The account has as many keys or sub-accounts as it may have."""


class UnknownUserError(AccountsError):
    """No user has this number."""


class UnknownTierError(AccountsError):
    """No fee tier has this name."""


class NotGrantedError(AccountsError):
    """The sub-account lacks the permission for this."""


class SubAccountFrozenError(AccountsError):
    """Nothing is paid into a frozen sub-account."""


class UnknownKeyError(AccountsError):
    """No living key has this number."""


class MasterKeyError(AccountsError):
    """The master key is missing, malformed, badly protected, or another database's."""


class UnusableDatabaseError(AccountsError):
    """The accounts database cannot be read, or was written by a newer version."""
