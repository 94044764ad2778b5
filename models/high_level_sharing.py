"""High-level sharing (the study's Figure 2c): private features, common decisions."""

from representation_music.models.dnn import DNN
from representation_music.models.sharing_pattern import ARCHITECTURES


class HighLevelSharing(DNN):
    """One private layer below three shared ones, PSSS."""

    def __init__(self, tasks, **options):
        super().__init__(tasks, pattern=ARCHITECTURES["high_level_sharing"], **options)
