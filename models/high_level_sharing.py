"""High-level sharing (the study's Figure 2c): private features, common decisions."""

from representation_music.models.dnn import DNN


class HighLevelSharing(DNN):
    """One private layer below three shared ones, PSSS."""

    name = "high_level_sharing"
    pattern_of_name = "PSSS"
