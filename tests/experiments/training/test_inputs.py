import numpy as np
import pytest

from representation_music.experiments.training.inputs import RunInputs
from tests import small_runs


def dense_inputs(inputs, positions):
    """What the network reads of each used word, after centring and scaling."""
    words = inputs.words
    counts = words.read(inputs.dataset.counts[positions], "binary").toarray()
    used = words.inverse_sd > 0
    return ((counts - words.mean) * words.inverse_sd)[:, used]


@pytest.mark.parametrize("scale", ["common", "word"])
def test_inputs_are_centred_and_scaled_over_the_training_songs(song_dataset, scale):
    config = small_runs.CONFIG.replace(input_scale=scale)
    inputs = RunInputs(config, song_dataset)
    values = dense_inputs(inputs, inputs.songs.positions)
    assert values.shape[1] > 10
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-6)
    variances = values.var(axis=0)
    if scale == "word":
        np.testing.assert_allclose(variances, 1, rtol=1e-5)
        return
    # As a linear model would read them, but for one number: words keep their own spread.
    raw = song_dataset.counts[inputs.songs.positions].toarray() > 0
    raw = raw[:, inputs.words.input_of >= 0]
    np.testing.assert_allclose(variances, raw.var(axis=0) / raw.var(axis=0).mean(), rtol=1e-5)
