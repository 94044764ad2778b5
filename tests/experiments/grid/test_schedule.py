from representation_music.experiments.grid.schedule import Schedule

ITEMS = [("a1", "A", 1), ("a2", "A", 3), ("b1", "B", 5), ("c1", "C", 2), ("a3", "A", 2)]


def of_items():
    schedule = Schedule()
    for item in ITEMS:
        schedule.put(*item)
    return schedule


def test_a_worker_stays_with_its_engine_and_takes_the_costliest_first():
    schedule = of_items()
    taken = [schedule.take("A") for _ in range(3)]
    assert taken == [("a2", "A"), ("a3", "A"), ("a1", "A")]


def test_a_worker_without_work_for_its_engine_takes_from_the_longest_queue():
    schedule = of_items()
    assert schedule.take() == ("a2", "A")  # 6 s of A, 5 of B, 2 of C
    assert schedule.take("no such engine") == ("b1", "B")


def test_queues_that_others_work_on_count_as_shared():
    schedule = of_items()
    assert schedule.take(None, at_work=["A"]) == ("b1", "B")
    assert schedule.take(None, at_work=["A", "A"]) == ("a2", "A")  # 6 s by 3, 2 s of C


def test_every_item_is_taken_once():
    schedule = of_items()
    taken = []
    while item := schedule.take():
        taken.append(item[0])
    assert sorted(taken) == sorted(name for name, _, _ in ITEMS)
    assert len(schedule) == 0
