# Two commands do everything, set-up included: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
EXTRAS ?= dev
# Processes that test, about 2 GB each.
WORKERS ?= 2

# Real sets in folders of SHARED, and the main job's tasks on each, the target first.
SHARED ?= ../shared
REAL ?= real
REAL_SETS = tcc delicious msd-terms msd-lastfm50
TASKS_tcc = energy loudness acousticness
TASKS_delicious = TAG_programming TAG_development TAG_code
TASKS_msd-terms = pop 'pop rock' ballad
TASKS_msd-lastfm50 = rock 'alternative rock' 'indie rock'
ifneq ($(DATA),$(filter $(REAL_SETS),$(DATA)))
$(error found DATA=$(DATA), expected one of $(REAL_SETS))
endif

.PHONY: help install demo real test quick-test lint format docs bench report clean

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

demo: install $(DATA:%=$(REAL)/%.h5) ## the main job; MSD=<folder of official files> or DATA=tcc runs it on real songs
	$(BIN)/python experiments/demo.py $(if $(MSD),--msd '$(MSD)') \
	  $(if $(DATA),--songs-file $(REAL)/$(DATA).h5 --tasks $(TASKS_$(DATA)))

real: $(REAL_SETS:%=$(REAL)/%.h5) ## songs files of every real set in SHARED (../shared), in REAL

needs = @test -e '$(1)' || { echo "error: $(1): found no such file, expected the public set;" \
  "name the folder above it by SHARED=FOLDER, or see \`repmusic download --help\`" >&2; exit 2; }

$(REAL)/tcc.h5: | install
	$(call needs,$(SHARED)/tcc_music/word_counts.txt)
	$(BIN)/repmusic preprocess '$(SHARED)/tcc_music/word_counts.txt' -o $@ --name 'tcc songs' \
	  --labels '$(SHARED)/tcc_music/labels.tsv' --id-column song_id --group-column artist_key \
	  --unit year=years --licence 'CC BY 4.0'

$(REAL)/delicious.h5: | install
	$(call needs,$(SHARED)/delicious/delicious.arff)
	$(BIN)/repmusic preprocess '$(SHARED)/delicious/delicious.arff' -o $@ --noun pages \
	  --group-equal-inputs --licence 'none stated; cite Tsoumakas, Katakis, Vlahavas 2008'

$(REAL)/msd-terms.h5: | install
	$(call needs,$(SHARED)/msd/artist_term.db)
	$(BIN)/repmusic preprocess '$(SHARED)/msd' -o $@ --group-equal-inputs \
	  --licence 'for research; terms at millionsongdataset.com'

# As a format of any ids: read as official files, tags of artists would have the same names.
$(REAL)/msd-lastfm50.h5: | install
	$(call needs,$(SHARED)/lastfm50/labels.tsv)
	$(BIN)/repmusic preprocess '$(SHARED)/msd/mxm_dataset_test.txt' -o $@ \
	  --labels '$(SHARED)/lastfm50/labels.tsv' --name 'MSD sample with Last.fm tags' \
	  --noun songs --group-equal-inputs \
	  --licence 'lyrics for research, terms at millionsongdataset.com; tags: none stated'

test: install    ## every test, the slow ones too
	$(BIN)/python -m pytest -n $(WORKERS)

quick-test: install ## the quick tests
	$(BIN)/python -m pytest -n $(WORKERS) -m 'not slow and not slurm and not browser and not peers'

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
