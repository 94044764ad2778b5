"""How the nets were trained: sentences and a table, from the configs of the studies' runs alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from representation_music.plots.report.records import Evidence, Record
from representation_music.plots.report.settings import SETTINGS, STATEMENTS, short, units_told
from representation_music.plots.report.tables import table
from representation_music.plots.report.words import (
    DASH,
    code,
    count,
    escaped,
    sentence,
)
from representation_music.plots.studies.words import listed


def training_told(evidence: Evidence) -> list[str]:
    """Sentences on the training of all studies; those that differ from most are named."""
    told = [_agreed(evidence, lambda record: _preset(record.content["options"]))]
    told += [_agreed(evidence, _of_nets(say)) for say in STATEMENTS]
    return [sentence(f"{each}.") for each in told]


def _preset(options: Mapping) -> str:
    tuned = options.get("tune", 0)
    tried = f", or the best on validation of {tuned} tried for every arm" if tuned else ""
    return f"settings are those of the preset {code(options.get('preset', 'default'))}{tried}"


def _of_nets(say: Callable[[Mapping], str]) -> Callable[[Record], str]:
    """What a statement makes of a study: what it says of its nets, each once."""

    def of_record(record: Record) -> str:
        nets = _nets(record)
        told = dict.fromkeys(map(say, nets[:1] if say is units_told else nets))
        return "; or, in other arms, ".join(told)

    return of_record


def _nets(record: Record) -> list[Mapping]:
    """The configs of a study's nets, the widest first."""
    configs = [run["config"] for run in record.content["runs"].values()]
    nets = [config for config in configs if config.get("model") != "linear"]
    return sorted(nets, key=lambda config: -sum(config["widths"]))


def _agreed(evidence: Evidence, say: Callable[[Record], str], joint: str = "in {}, {}") -> str:
    """What is said of most studies, and by name those of which something else is.

    Args:
        evidence: The records.
        say: What there is to say of one; nothing if empty.
        joint: Sets the names of studies beside what is said of them.
    """
    groups: dict[str, list[Record]] = {}
    for record in evidence.records:
        if told := say(record):
            groups.setdefault(told, []).append(record)
    most, *others = sorted(groups.items(), key=lambda group: -len(group[1])) or [("", [])]
    named = [joint.format(_names(evidence, records), told) for told, records in others]
    return "; ".join([most[0], *named])


def _names(evidence: Evidence, records: Iterable[Record]) -> str:
    """Studies by name, with the kind of data where a study was run on several."""
    return listed(
        code(record.study) + (f" ({record.kind})" if len(evidence.of(record.study)) > 1 else "")
        for record in records
    )


def balanced_batches(evidence: Evidence) -> list[str]:
    """How nets with further auxiliary songs see them, and how the target's loss is weighted."""

    def of_record(record: Record) -> str:
        told = [
            f"with further auxiliary songs, a batch holds {count(config['target_batch_size'])} "
            f"songs with the target's label and {count(config['batch_size'])} of all, and the "
            f"target's loss has the weight {short(config['task_weights'][0])}, each other task's "
            f"{short(config['task_weights'][1])}"
            for config in map(record.config_of, record.cells)
            if config["auxiliary_size"] and config["target_batch_size"] and config["task_weights"]
        ]
        return "; or, in other arms, ".join(dict.fromkeys(told))

    told = _agreed(evidence, of_record)
    return [sentence(f"{told}.")] if told else []


def training_table(evidence: Evidence, label: str) -> dict:
    """Settings of the single task and of the sharing nets, each value that occurs."""
    columns = {
        "single task": lambda record: [
            record.config_of(cell, "single task")
            for cell in record.cells
            if "single task" in cell.rivals
        ],
        "sharing": lambda record: [
            config for config in _sharing(record) if not config["auxiliary_size"]
        ],
        "auxiliary songs": lambda record: [
            config for config in _sharing(record) if config["auxiliary_size"]
        ],
    }
    columns = {
        head: configs_of
        for head, configs_of in columns.items()
        if any(map(configs_of, evidence.records))
    }
    rows = []
    for name in SETTINGS:
        values = [_values(evidence, name, configs_of) for configs_of in columns.values()]
        if any(value.strip("0/ ") for value in values):
            rows.append([SETTINGS[name][0], *(value or DASH for value in values)])
    caption = (
        "How nets are trained, the single task, sharing nets at equal numbers of labels, and those "
        "with further songs for the auxiliary tasks: every value in the runs of this report, and "
        "by name the studies that have others than most."
    )
    wide = any(";" in cell for row in rows for cell in row)
    return table(["setting", *columns], rows, caption, label) | {"wide": wide}


def _sharing(record: Record) -> list[Mapping]:
    configs = [record.config_of(c) for c in record.cells if not c.content["judged_alone"]]
    return [config for config in configs if len(config["tasks"]) > 1]


def _values(evidence: Evidence, name: str, configs_of: Callable[[Record], list[Mapping]]) -> str:
    say = SETTINGS[name][1]

    def of_record(record: Record) -> str:
        return " / ".join(dict.fromkeys(say(c[name]) for c in configs_of(record) if name in c))

    return _agreed(evidence, of_record, "{1} in {0}")


def task_sets_told(evidence: Evidence) -> str:
    """The tasks of the task sets, and of the studies whose cells are of neither."""
    told = []
    for coupling in ("tight", "loose"):
        found = dict.fromkeys(
            tuple(record.config_of(cell)["tasks"])
            for record in evidence.records
            for cell in record.cells
            if cell.factors.get("coupling") == coupling
        )
        if found:
            told.append(f"the {coupling} task set is {listed(map(_braced, found), 'or')}")
    for record in evidence.records:
        others = [c for c in record.cells if "coupling" not in c.factors]
        sets = dict.fromkeys(tuple(record.config_of(cell)["tasks"]) for cell in others)
        shared = [tasks for tasks in sets if len(tasks) > 1]
        if shared:
            told.append(f"in {_names(evidence, [record])}, nets learn {_some(shared)}")
    return sentence(f"{'; '.join(told)}. The first task is the target.") if told else ""


def _some(sets: Sequence[tuple]) -> str:
    """The sets, or the first of many."""
    if len(sets) > 4:
        return f"{_braced(sets[0])} or one of {count(len(sets) - 1)} sets like it"
    return listed(map(_braced, sets), "or")


def _braced(tasks: Iterable[str]) -> str:
    return f"{{{', '.join(map(escaped, tasks))}}}"
