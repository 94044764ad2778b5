"""Low-level sharing (the study's Figure 2b): common features, private decisions."""

from representation_music.models.dnn import DNN
from representation_music.models.sharing_pattern import ARCHITECTURES


class LowLevelSharing(DNN):
    """Two shared layers below two private ones, SSPP."""

    def __init__(self, tasks, **options):
        super().__init__(tasks, pattern=ARCHITECTURES["low_level_sharing"], **options)
