import os
import sys

import pytest

from representation_music.utils.errors import InputError
from representation_music.utils.plugins import load_plugins
from representation_music.utils.registry import Registry


class One:
    name = "one"


class Two:
    name = "two"


@pytest.fixture(autouse=True)
def forget():
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("repmusic_plugin_"):
            del sys.modules[name]


def plugin(folder, monkeypatch, name, text):
    path = folder / name
    path.write_text(text)
    others = os.environ.get("REPMUSIC_PLUGINS", "")
    monkeypatch.setenv("REPMUSIC_PLUGINS", os.pathsep.join(filter(None, [others, str(path)])))
    return path


def test_classes_are_looked_up_by_name_in_the_order_of_their_registration():
    table = Registry("--thing", [Two, One])
    assert table.names() == ["two", "one"] and table["one"] is One and "three" not in table
    with pytest.raises(InputError, match="--thing: found 'three', expected one of two, one"):
        table["three"]


def test_a_name_belongs_to_one_class():
    class Another:
        name = "one"

    table = Registry("--thing", [One])
    assert table.register(One) is One
    with pytest.raises(InputError, match=r"the name 'one', which .*One has"):
        table.register(Another)
    assert table["one"] is One


def test_each_file_named_is_imported_once_when_something_is_looked_up(tmp_path, monkeypatch):
    plugin(tmp_path, monkeypatch, "first.py", "import sys\nsys.imports = ['first']\n")
    plugin(tmp_path, monkeypatch, "second.py", "import sys\nsys.imports += ['second']\n")
    assert "one" in Registry("--thing", [One])
    load_plugins()
    assert sys.imports == ["first", "second"]


@pytest.mark.parametrize("text", ["import nothing_of_the_kind", "def f(:"])
def test_a_file_that_cannot_be_imported_is_named_with_the_reason(tmp_path, monkeypatch, text):
    path = plugin(tmp_path, monkeypatch, "broken.py", text)
    for _ in range(2):
        with pytest.raises(InputError, match=r"broken\.py: found what cannot be imported") as error:
            load_plugins()
    assert str(path) in str(error.value)


def test_what_is_no_python_file_is_refused(tmp_path, monkeypatch):
    for name in (str(tmp_path), str(tmp_path / "gone.py"), __file__ + ".txt"):
        monkeypatch.setenv("REPMUSIC_PLUGINS", name)
        with pytest.raises(InputError, match="expected a Python file"):
            load_plugins()


def test_two_files_of_one_name_are_refused(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    plugin(tmp_path, monkeypatch, "toy.py", "")
    plugin(tmp_path / "other", monkeypatch, "toy.py", "")
    with pytest.raises(InputError, match="files of different names"):
        load_plugins()
