# Two commands do everything, set-up included: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
EXTRAS ?= dev

.PHONY: help install demo test quick-test lint format docs bench report clean

help:            ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

$(VENV)/installed: setup.py
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' 2>/dev/null || { \
	  echo "error: found $$($(PYTHON) --version 2>&1) as $(PYTHON), expected Python 3.10 to 3.13, for" \
	    "which TensorFlow has releases. Name another one: make PYTHON=python3.12" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@

install: $(VENV)/installed ## make the virtual environment

demo: install    ## the main job; MSD=<folder of official files> runs it on real songs
	$(BIN)/python experiments/demo.py $(if $(MSD),--msd '$(MSD)')

test: install    ## every test, the slow ones too
	$(BIN)/python -m pytest -n 2 --dist loadfile

quick-test: install ## the quick tests
	$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not slow and not slurm and not browser'

lint: install    ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: install  ## put everything in format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# pdoc would stop programs that a module runs when it is imported; keras asks `uname`.
docs: install    ## pages of every module, class and function, in docs/; a warning is an error
	PDOC_ALLOW_EXEC=1 $(BIN)/python -W error::UserWarning -m pdoc --docformat google \
	  --output-directory docs \
	  $(addprefix representation_music.,data_preprocessing models experiments utils plots)

$(VENV)/installed-bench: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

bench: $(VENV)/installed-bench ## training against Keras, PyTorch, scikit-learn; QUICK=1 for a look
	$(BIN)/python benchmarks/training.py $(if $(QUICK),--quick)

report: install  ## report.pdf from its records; RECORDS=<folder of studies> REPORT=<file> for yours
	$(BIN)/repmusic report $(if $(RECORDS),'$(RECORDS)',plots/report/records --text plots/report/report.typ) -o '$(or $(REPORT),report.pdf)'

clean:           ## remove what `make demo` made
	rm -rf demo
