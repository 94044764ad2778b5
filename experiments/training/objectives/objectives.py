"""Which name stands for which objective: the only place that binds the two."""

from representation_music.experiments.training.objectives.alternating import Alternating
from representation_music.experiments.training.objectives.objective import Objective
from representation_music.experiments.training.objectives.sum import Sum
from representation_music.utils.registry import Registry

#: Every objective by its name.
OBJECTIVES: Registry[Objective] = Registry("--objective", (Sum, Alternating))
