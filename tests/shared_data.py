"""Where public data stand beside the project, for tests that read them where they are."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


def needs(name: str):
    """Skips a test where there is no folder of that name."""
    return pytest.mark.skipif(not (SHARED / name).is_dir(), reason="no real sample of it here")
