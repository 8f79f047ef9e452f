"""What the sandbox trades, as its users see it."""

from openbourse.sandbox.catalogue import ASSETS


def test_chains_have_a_name_for_people_beside_their_code() -> None:
    names = {(chain.name, chain.display_name) for asset in ASSETS for chain in asset.chains}
    assert len(dict(names)) == len(names), "one name for each chain, whatever the asset"
    assert all(name and name != code for code, name in names)
