"""Labels that examples carry or lack: few as columns, many kept sparse as tags."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_array

from representation_music.data_preprocessing.songs.labels import LabelColumn, Tags

#: More labels than this are tags.
MOST_COLUMNS = 50


def labels_carried(
    names: Sequence[str], carried: csr_array
) -> tuple[dict[str, LabelColumn], Tags | None]:
    """Columns by name, or tags if they are many.

    Args:
        names: The labels.
        carried: [examples, labels] 1 for each label that an example carries; none is missing.
    """
    carried = csr_array(carried).astype(np.int8)
    carried.eliminate_zeros()
    carried.sort_indices()
    if len(names) > MOST_COLUMNS:
        return {}, Tags.ranked(list(names), np.ones(carried.shape[0], bool), carried)
    dense = carried.toarray().astype(float)
    return {name: LabelColumn("binary", dense[:, n].copy()) for n, name in enumerate(names)}, None
