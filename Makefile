PY := .venv/bin/python
STAMP := .venv/.ready

.PHONY: venv run test check bench torture

venv: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	.venv/bin/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $(STAMP)

run: venv
	.venv/bin/deskbridge demo
