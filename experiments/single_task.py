"""Single-task nets of the study's target and its four other tasks, at several training sizes.

`--task-type target` is pop; dependent_1 to dependent_4: pop rock, ballad, loudness, year.
"""

import sys

from representation_music.experiments.size_series import main

if __name__ == "__main__":
    sys.exit(
        main(
            "no_sharing",
            ("target", "dependent_1", "dependent_2", "dependent_3", "dependent_4"),
            "single_task",
        )
    )
