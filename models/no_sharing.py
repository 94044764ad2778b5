"""No sharing (the study's Figure 2a): one net per task."""

from representation_music.models.dnn import DNN


class NoSharing(DNN):
    """Four private layers, PPPP; with one task it is the single-task net."""

    name = "no_sharing"
    pattern_of_name = "PPPP"
