"""No sharing (the study's Figure 2a): one net a task."""

from representation_music.models.dnn import DNN
from representation_music.models.sharing_pattern import ARCHITECTURES


class NoSharing(DNN):
    """Four private layers, PPPP; with one task it is the single-task net."""

    def __init__(self, tasks, **options):
        super().__init__(tasks, pattern=ARCHITECTURES["no_sharing"], **options)
