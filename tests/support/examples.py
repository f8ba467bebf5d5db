"""How many examples hypothesis tries; a test that needs more multiplies the number."""

from __future__ import annotations

import os

#: All of them in .ci/run, as hypothesis does by default.
EXAMPLES = 100 if os.environ.get("REQUIRE_ALL") == "1" else 40
