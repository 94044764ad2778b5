"""Interspersed sharing (SPSS): fc2 private among shared layers, at several training sizes.

The study's Figure 2d. Its released code had SPPS: `--architecture SPPS` trains that.
"""

import sys

from representation_music.experiments.size_series import main

if __name__ == "__main__":
    sys.exit(
        main("interspersed_sharing", ("tightly_coupled", "loosely_coupled"), "multi_interspersed")
    )
