def test_memory_alone_is_measured_in_a_process_of_each_objective(module, monkeypatch, capsys):
    methods, measuring = module("gradient_methods"), module("measuring")
    monkeypatch.setattr(methods, "repeated_file", lambda times: f"10,000 songs {times} times")
    started = []

    def run_python(_script, *words):
        started.append(words)
        return measuring.Used(1.0, 1.0, {"sum": 1.4, "pcgrad": 1.45}[words[2]], "")

    monkeypatch.setattr(methods, "run_python", run_python)
    methods.benchmark(memory_only=True)
    songs = 200_000, "10,000 songs 24 times"  # of which 85 % are for training
    assert started == [(*songs, "sum", 10), (*songs, "pcgrad", 10)]
    assert "50 MB over the sum (1,400 and 1,450); asked for: 150" in capsys.readouterr().out
