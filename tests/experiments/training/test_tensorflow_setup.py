import subprocess
import sys

import pytest

from representation_music.experiments.training.tensorflow_setup import configure_tensorflow
from representation_music.utils.errors import InputError


def test_every_gpu_is_told_to_take_no_more_memory_than_runs_need(monkeypatch):
    import tensorflow as tf

    gpus = [tf.config.PhysicalDevice(f"/physical_device:GPU:{n}", "GPU") for n in range(2)]
    growing = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
    monkeypatch.setattr(
        tf.config.experimental, "set_memory_growth", lambda gpu, grows: growing.append((gpu, grows))
    )
    configure_tensorflow()
    assert growing == [(gpu, True) for gpu in gpus]


def test_a_negative_number_of_threads_is_refused():
    with pytest.raises(InputError, match="--threads"):
        configure_tensorflow(-1)


@pytest.mark.slow
def test_tensorflow_comes_without_what_keras_would_import_for_nothing():
    program = (
        "import sys\n"
        "from representation_music.experiments.training import tensorflow_setup\n"
        "tensorflow_setup.configure_tensorflow()\n"
        "import keras\n"
        "assert not {'matplotlib', 'pandas', 'sklearn'} & set(sys.modules)\n"
        "import matplotlib, sklearn\n"  # as the figures and the linear model do later
    )
    subprocess.run([sys.executable, "-c", program], check=True)
