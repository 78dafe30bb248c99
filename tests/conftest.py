"""Settings of all tests: no example fails for taking long, and strategies are shared by their module's name.

``pytest --hypothesis-profile=full`` tries ten times as many examples.
"""

import sys
from pathlib import Path

from hypothesis import HealthCheck, settings

sys.path.insert(0, str(Path(__file__).parent / "documents"))

settings.register_profile("short", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("full", settings.get_profile("short"), max_examples=500)
settings.load_profile("short")
