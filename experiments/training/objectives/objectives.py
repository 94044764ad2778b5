"""Which name stands for which objective: the only place that binds the two."""

from representation_music.experiments.training.objectives.alternating import Alternating
from representation_music.experiments.training.objectives.dwa import DynamicWeightAverage
from representation_music.experiments.training.objectives.famo import FAMO
from representation_music.experiments.training.objectives.gradients.aligned_mtl import AlignedMTL
from representation_music.experiments.training.objectives.gradients.cagrad import CAGrad
from representation_music.experiments.training.objectives.gradients.gradvac import GradVac
from representation_music.experiments.training.objectives.gradients.imtl_g import IMTLG
from representation_music.experiments.training.objectives.gradients.mgda import MGDA
from representation_music.experiments.training.objectives.gradients.nash_mtl import NashMTL
from representation_music.experiments.training.objectives.gradients.pcgrad import PCGrad
from representation_music.experiments.training.objectives.gradients.upgrad import UPGrad
from representation_music.experiments.training.objectives.objective import Objective
from representation_music.experiments.training.objectives.rlw import RandomLossWeighting
from representation_music.experiments.training.objectives.scale_invariant import ScaleInvariant
from representation_music.experiments.training.objectives.sum import Sum
from representation_music.experiments.training.objectives.transfer import Transfer
from representation_music.experiments.training.objectives.uncertainty import Uncertainty
from representation_music.utils.registry import Registry

#: Every objective by its name.
OBJECTIVES: Registry[Objective] = Registry(
    "--objective",
    (
        Sum,
        Alternating,
        Transfer,
        Uncertainty,
        DynamicWeightAverage,
        RandomLossWeighting,
        ScaleInvariant,
        FAMO,
        PCGrad,
        MGDA,
        CAGrad,
        AlignedMTL,
        UPGrad,
        IMTLG,
        NashMTL,
        GradVac,
    ),
)
