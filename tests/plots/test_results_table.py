from pathlib import Path

from representation_music.plots.results_table import BEGIN, END, RECORDS, table_of

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_table_of_readme_is_that_of_the_records():
    assert README.partition(BEGIN)[2].partition(END)[0] == table_of(RECORDS)


def test_every_study_of_the_records_has_a_row_with_its_command():
    rows = table_of(RECORDS).splitlines()[2:]
    records = [path.read_text(encoding="utf-8") for path in RECORDS.glob("*.json")]
    assert len(rows) == sum('"contrasts"' in record for record in records)
    assert all("| `repmusic study " in row for row in rows)
