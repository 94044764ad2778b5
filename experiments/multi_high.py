"""High-level sharing (PSSS): fc1 private, the layers above shared, at several training sizes.

The study's Figure 2c. Its released code had PPSS: `--architecture PPSS` trains that.
"""

import sys

from representation_music.experiments.size_series import main

if __name__ == "__main__":
    sys.exit(main("high_level_sharing", ("tightly_coupled", "loosely_coupled"), "multi_high"))
