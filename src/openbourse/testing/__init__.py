"""Help for people who test their bots: a venue in the test suite.

`Sandbox` is a venue in this process; the pytest fixtures `sandbox` and `sandbox_process` start one. See
docs/tutorial/.
"""

from openbourse.testing.accounts import SandboxUser
from openbourse.testing.faults import Faults
from openbourse.testing.process import SandboxProcess
from openbourse.testing.sandbox import Sandbox, SandboxError
from openbourse.testing.views import OrderView, TradeView

__all__ = ["Faults", "OrderView", "Sandbox", "SandboxError", "SandboxProcess", "SandboxUser", "TradeView"]
