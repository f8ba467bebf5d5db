# The action's image: the action's environment in /opt/checks, the tests' environment in /opt/tests, git and uv.
# A release pins the digest of the base image (CONTRIBUTING.md).
FROM docker.io/library/python:3.13-slim

# Leave out manuals and translations, as Debian's slim images do already and other bases do not; also Perl's
# documentation and git's web interface.
RUN apt-get update --quiet=2 \
 && apt-get install --quiet=2 --yes --no-install-recommends \
      --option DPkg::Options::=--path-exclude=/usr/*.pod \
      --option DPkg::Options::=--path-exclude=/usr/share/doc/* \
      --option DPkg::Options::=--path-exclude=/usr/share/gitweb/* \
      --option DPkg::Options::=--path-exclude=/usr/share/locale/* \
      --option DPkg::Options::=--path-exclude=/usr/share/man/* \
      busybox-static git \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* \
 && git config --system --add safe.directory '*'

# uv copies instead of hard-linking: the runner's cache is on another file system than the environments.
COPY requirements/image.txt /opt/pytest-check-runs/requirements/
RUN pip install --quiet --no-cache-dir --root-user-action=ignore --require-hashes \
      -r /opt/pytest-check-runs/requirements/image.txt \
 && mkdir /etc/uv \
 && echo 'link-mode = "copy"' > /etc/uv/uv.toml

# Each step gets a new container, so compile the bytecode here once.
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
