"""Low-level sharing (SSPP): fc1 and fc2 shared, fc3 and fc4 private, at several training sizes.

The study's Figure 2b. Its text and its released code agree on this pattern.
"""

import sys

from representation_music.experiments.size_series import main

if __name__ == "__main__":
    sys.exit(main("low_level_sharing", ("tightly_coupled", "loosely_coupled"), "multi_low"))
