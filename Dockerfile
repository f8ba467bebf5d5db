# The image of the action: our environment in /opt/checks, the tests' in /opt/tests; git and uv for both.
# A release adds the base's digest (CONTRIBUTING.md).
FROM docker.io/library/python:3.13-slim

# Debian's own slim images leave out manuals and translations; other bases are told to.
RUN apt-get update --quiet=2 \
 && apt-get install --quiet=2 --yes --no-install-recommends \
      --option DPkg::Options::=--path-exclude=/usr/share/doc/* \
      --option DPkg::Options::=--path-exclude=/usr/share/locale/* \
      --option DPkg::Options::=--path-exclude=/usr/share/man/* \
      busybox-static git \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* \
 && git config --system --add safe.directory '*'

# The runner's cache of uv lies on another file system than the environments: no hard links.
COPY requirements/image.txt /opt/pytest-check-runs/requirements/
RUN pip install --quiet --no-cache-dir --root-user-action=ignore --require-hashes \
      -r /opt/pytest-check-runs/requirements/image.txt \
 && mkdir /etc/uv \
 && echo 'link-mode = "copy"' > /etc/uv/uv.toml

# Containers are new in each step, so bytecode is compiled here once.
COPY requirements/tests.txt /opt/pytest-check-runs/requirements/
RUN python -m venv /opt/tests \
 && uv pip install --quiet --no-cache --compile-bytecode --python /opt/tests --require-hashes \
      -r /opt/pytest-check-runs/requirements/tests.txt \
 && /opt/tests/bin/pip config --quiet --site set global.disable-pip-version-check true

COPY requirements/ours.txt /opt/pytest-check-runs/requirements/
RUN python -m venv --without-pip /opt/checks \
 && uv pip install --quiet --no-cache --compile-bytecode --python /opt/checks --require-hashes \
      -r /opt/pytest-check-runs/requirements/ours.txt

COPY bin entrypoint.py /opt/pytest-check-runs/
COPY checks /opt/pytest-check-runs/checks
RUN /opt/checks/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/pytest-check-runs \
 && ln -s /opt/pytest-check-runs/checks-run /opt/pytest-check-runs/checks-finish /usr/local/bin/

ENV CHECKS_PYTHON=/opt/tests/bin/python

ENTRYPOINT ["/opt/pytest-check-runs/start"]
CMD ["run"]
