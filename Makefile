# Everything is in tox.ini; this puts tox in .venv and calls it. A second call re-uses what is there.
PYTHON ?= python3
TOX = .venv/bin/tox run

.PHONY: study speed test types lint

study: .venv/ready
	$(TOX) -e study

speed: .venv/ready
	$(TOX) -e speed

test: .venv/ready
	$(TOX) -e lint,tests

types: .venv/ready
	.venv/bin/tox exec -e tests -- mypy

lint: .venv/ready
	$(TOX) -e lint

.venv/ready: constraints.txt
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -c constraints.txt tox
	touch $@
