"""Which name stands for which objective: the only place that binds the two."""

from representation_music.experiments.training.objectives.alternating import Alternating
from representation_music.experiments.training.objectives.dwa import DynamicWeightAverage
from representation_music.experiments.training.objectives.famo import FAMO
from representation_music.experiments.training.objectives.objective import Objective
from representation_music.experiments.training.objectives.rlw import RandomLossWeighting
from representation_music.experiments.training.objectives.scale_invariant import ScaleInvariant
from representation_music.experiments.training.objectives.sum import Sum
from representation_music.experiments.training.objectives.uncertainty import Uncertainty
from representation_music.utils.registry import Registry

#: Every objective by its name.
OBJECTIVES: Registry[Objective] = Registry(
    "--objective",
    (
        Sum,
        Alternating,
        Uncertainty,
        DynamicWeightAverage,
        RandomLossWeighting,
        ScaleInvariant,
        FAMO,
    ),
)
