"""Interspersed sharing (the study's Figure 2d): a private layer between shared ones."""

from representation_music.models.dnn import DNN


class InterspersedSharing(DNN):
    """A private second layer among shared ones, SPSS."""

    name = "interspersed_sharing"
    pattern_of_name = "SPSS"
