"""Low-level sharing (the study's Figure 2b): common features, private decisions."""

from representation_music.models.dnn import DNN


class LowLevelSharing(DNN):
    """Two shared layers below two private ones, SSPP."""

    name = "low_level_sharing"
    pattern_of_name = "SSPP"
