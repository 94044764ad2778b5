import numpy as np
from small_runs import history, run

from representation_music.utils.checkpoint import load_checkpoint


def test_bfloat16_above_the_first_layer_keeps_float32_weights_and_learns_about_the_same(
    straight, song_dataset, tmp_path
):
    folder, _ = run(song_dataset, tmp_path, precision="bfloat16")
    arrays, _ = load_checkpoint(folder / "checkpoints" / "latest.npz")
    exact, _ = load_checkpoint(straight[0] / "checkpoints" / "latest.npz")
    assert [a.dtype for a in arrays] == [a.dtype for a in exact]
    assert folder.name != straight[0].name  # it changes results: another run
    differences = [
        float(ours[key]) / float(theirs[key]) - 1
        for ours, theirs in zip(history(folder), history(straight[0]), strict=True)
        for key in ("validation_log_loss:pop", "validation_log_loss:genre", "validation_rmse:year")
    ]
    assert 1e-7 < np.abs(differences).max() < 0.1
