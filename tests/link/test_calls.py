"""The tables of what can be called."""

from openbourse.link.calls import METHODS, QUERIES, READING


def test_all_that_desks_offer_can_be_called() -> None:
    """Their arguments and results have types that travel; a new method that has not fails here."""
    assert {"trading.place", "funds.submit_withdrawal", "history.finished_orders"} <= METHODS.keys()


def test_it_is_known_of_every_method_whether_it_changes_anything() -> None:
    """Who does not hear what became of a change is not told to try again."""
    changing = {
        "front.give_number",
        "funds.cancel_withdrawal",
        "funds.deposit_address",
        "funds.renew_deposit_address",
        "funds.submit_withdrawal",
        "holdings.set_fee_discount",
        "holdings.set_preference",
        "holdings.transfer",
        "sub_accounts.create",
        "sub_accounts.create_key",
        "sub_accounts.delete_key",
        "sub_accounts.edit_key",
        "sub_accounts.freeze",
        "sub_accounts.transfer",
        "sub_accounts.unfreeze",
        "trading.cancel",
        "trading.cancel_each",
        "trading.cancel_each_stop",
        "trading.cancel_matching",
        "trading.cancel_matching_stops",
        "trading.cancel_stop",
        "trading.modify",
        "trading.modify_all",
        "trading.modify_stop",
        "trading.place",
        "trading.place_all",
        "trading.place_stop",
        "trading.place_stops",
    }
    queries = {f"history.{query.__name__}" for query in QUERIES}
    assert sorted(METHODS) == sorted([*changing, *READING, *queries])
    assert {name for name, method in METHODS.items() if method.reads} == READING | queries
