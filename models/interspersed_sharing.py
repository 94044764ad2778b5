"""Interspersed sharing (the study's Figure 2d): a private layer between shared ones."""

from representation_music.models.dnn import DNN
from representation_music.models.sharing_pattern import ARCHITECTURES


class InterspersedSharing(DNN):
    """A private second layer among shared ones, SPSS."""

    def __init__(self, tasks, **options):
        super().__init__(tasks, pattern=ARCHITECTURES["interspersed_sharing"], **options)
