"""What tests of runs share."""

import pytest
from small_runs import run


@pytest.fixture(scope="module")
def straight(song_dataset, tmp_path_factory):
    """The folder and record of a run that nothing interrupted."""
    return run(song_dataset, tmp_path_factory.mktemp("straight"))
