"""Variables that make a loader, a library, Python, git or a shell open a file, and a watch on those files."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Variable -> what its value names below the folder of traps: a file or, with a trailing slash, a folder.
TRAPS = {
    "BASH_ENV": "bash_env",
    "CURL_HOME": "curl/",
    "ENV": "env",
    "GCONV_PATH": "gconv/",
    "GETCONF_DIR": "getconf/",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "git_alternates/",
    "GIT_ASKPASS": "git_askpass",
    "GIT_CONFIG": "git_config",
    "GIT_CONFIG_GLOBAL": "git_config_global",
    "GIT_CONFIG_SYSTEM": "git_config_system",
    "GIT_DIR": "git_dir/",
    "GIT_EDITOR": "git_editor",
    "GIT_EXEC_PATH": "git_exec/",
    "GIT_INDEX_FILE": "git_index",
    "GIT_OBJECT_DIRECTORY": "git_objects/",
    "GIT_SSH": "git_ssh",
    "GIT_TEMPLATE_DIR": "git_template/",
    "GIT_TRACE": "git_trace",
    "GIT_TRACE2": "git_trace2",
    "GIT_TRACE2_EVENT": "git_trace2_event",
    "GIT_TRACE_SETUP": "git_trace_setup",
    "HOME": "home/",
    "HOSTALIASES": "hostaliases",
    "LD_AUDIT": "ld_audit",
    "LD_DEBUG_OUTPUT": "ld_debug",
    "LD_LIBRARY_PATH": "ld_library/",
    "LD_PRELOAD": "ld_preload",
    "LD_PROFILE_OUTPUT": "ld_profile/",
    "LOCPATH": "locale/",
    "MALLOC_TRACE": "malloc_trace",
    "NETRC": "netrc",
    "NLSPATH": "nls",
    "OPENSSL_CONF": "openssl.cnf",
    "OPENSSL_CONF_INCLUDE": "openssl_include/",
    "OPENSSL_ENGINES": "openssl_engines/",
    "OPENSSL_MODULES": "openssl_modules/",
    "PATH": "path/",
    "PYTHONCASEOK": "pythoncaseok",
    "PYTHONEXECUTABLE": "pythonexecutable",
    "PYTHONHOME": "pythonhome/",
    "PYTHONPATH": "pythonpath/",
    "PYTHONPYCACHEPREFIX": "pythonpycache/",
    "PYTHONSTARTUP": "pythonstartup",
    "PYTHONUSERBASE": "pythonuserbase/",
    "RESOLV_HOST_CONF": "host.conf",
    "SSLKEYLOGFILE": "sslkeylog",
    "SSL_CERT_DIR": "ssl_certs/",
    "SSL_CERT_FILE": "ssl_cert",
    "TMPDIR": "tmp/",
    "TZ": "tz",
    "TZDIR": "tzdir/",
    "XDG_CONFIG_HOME": "xdg/",
}
#: Used by the main step, but not by the post step.
CERTIFICATES = {"REQUESTS_CA_BUNDLE": "requests_ca", "CURL_CA_BUNDLE": "curl_ca"}
#: Without files: these affect others, or name a program of the folder `path`.
SWITCHES = {"LD_DEBUG": "all", "LD_PROFILE": "libc.so.6", "PYTHONINSPECT": "1", "PYTHONVERBOSE": "1", "LC_ALL": "xx_XX"}
#: Files that are looked for in folders.
_IN_FOLDERS = {
    "gconv": ("gconv-modules",),
    "git_dir": ("HEAD", "config"),
    "git_exec": ("git-ls-files",),
    "home": (".netrc", ".gitconfig", ".curlrc"),
    "ld_library": ("libc.so.6", "libz.so.1", "libssl.so.3", "libpython3.13.so.1.0"),
    "locale": ("xx_XX/LC_CTYPE",),
    "openssl_modules": ("legacy.so",),
    "path": ("busybox", "cat", "env", "git", "python", "rm", "sh", "uv"),
    "pythonpath": ("sitecustomize.py", "checks.py", "signal.py"),
    "xdg": ("git/config",),
}
_OPENED, _CREATED, _MODIFIED = 0x20, 0x100, 0x2
_HEADER = struct.Struct("iIII")


def values(folder: str, names: dict[str, str]) -> dict[str, str]:
    """Return the variables with traps in `folder`, as the program sees them."""
    found = {name: f"{folder}/{relative_path.rstrip('/')}" for name, relative_path in names.items()}
    if "PATH" in found:
        found["PATH"] += ":/usr/local/bin:/usr/bin:/bin"
    if "TZ" in found:
        found["TZ"] = f":{found['TZ']}"
    return found


def write_traps(folder: Path) -> None:
    """Create the files and folders of all traps."""
    folder.mkdir(parents=True, exist_ok=True)
    for relative_path in (TRAPS | CERTIFICATES).values():
        path = folder / relative_path
        if relative_path.endswith("/"):
            path.mkdir(parents=True)
            for name in _IN_FOLDERS.get(relative_path.rstrip("/"), ()):
                (path / name).parent.mkdir(exist_ok=True)
                (path / name).write_text("")
                (path / name).chmod(0o755)
        elif "trace" not in relative_path and "log" not in relative_path:  # these are written
            path.write_text("")
            path.chmod(0o755)


@contextmanager
def watched(folder: Path) -> Iterator[set[str]]:
    """Yield a set that finally has the paths in `folder` that were opened or created meanwhile."""
    touched: set[str] = set()
    libc = ctypes.CDLL(None)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    folders = {}
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        mask = _OPENED | _CREATED | _MODIFIED
        folders[libc.inotify_add_watch(descriptor, os.fsencode(path), ctypes.c_uint32(mask))] = path
    try:
        yield touched
        touched.update(str((watch / name).relative_to(folder)) for watch, name in _events(descriptor, folders))
    finally:
        os.close(descriptor)


def _events(descriptor: int, folders: dict[int, Path]) -> Iterator[tuple[Path, str]]:
    while True:
        try:
            data = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        while data:
            watch, _, _, size = _HEADER.unpack_from(data)
            name = data[_HEADER.size : _HEADER.size + size].rstrip(b"\0")
            yield folders[watch], os.fsdecode(name)
            data = data[_HEADER.size + size :]
