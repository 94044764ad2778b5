import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfTransformer

from representation_music.experiments.training.inputs import RunInputs
from tests import small_runs


def dense_inputs(inputs, positions):
    """What the network reads of each used word, after centring and scaling."""
    words = inputs.words
    read = words.read(inputs.dataset.counts[positions], inputs.config.input_transform).toarray()
    used = words.inverse_sd > 0
    return ((read - words.mean) * words.inverse_sd)[:, used]


@pytest.mark.parametrize("scale", ["common", "word"])
@pytest.mark.parametrize("transform", ["log1p", "binary", "tfidf"])
def test_inputs_are_centred_and_scaled_over_the_training_songs(song_dataset, transform, scale):
    config = small_runs.CONFIG.replace(input_transform=transform, input_scale=scale)
    inputs = RunInputs(config, song_dataset)
    values = dense_inputs(inputs, inputs.songs.positions)
    assert values.shape[1] > 10
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-6)
    variances = values.var(axis=0)
    if scale == "word":
        np.testing.assert_allclose(variances, 1, rtol=1e-5)
        return
    # As a linear model would read them, but for one number: words keep their own spread.
    counts = song_dataset.counts[inputs.songs.positions].toarray()
    counts = counts[:, inputs.words.input_of >= 0].astype(float)
    read = (counts > 0) * 1.0 if transform == "binary" else np.log1p(counts)
    if transform == "tfidf":
        read = TfidfTransformer().fit_transform(read).toarray()
    np.testing.assert_allclose(variances, read.var(axis=0) / read.var(axis=0).mean(), rtol=1e-4)
