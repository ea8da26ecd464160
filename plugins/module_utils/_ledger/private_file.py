# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A file that only its owner can read, write or replace. Nothing that is not ours is written to or followed."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple


class Found(NamedTuple):
    """``writable``: whether it can be written to; ``head``: its first bytes; ``identity``: device and inode."""

    writable: bool
    head: bytes
    identity: tuple[int, int]


def find_private_file(path: str, read_only: bool, head_bytes: int) -> Found | None:
    """Return what is at ``path``; make an empty file there, and its folders, unless ``read_only`` (then None).

    Raises ``OSError`` if the file could be somebody else's.
    """
    if path.startswith("~"):
        # Nobody has this home folder, and a folder of that name would be made where the module happens to run.
        raise OSError("no home folder is known: set HOME, or an absolute path")
    path = os.path.abspath(path)
    if not read_only:
        _make_folders(os.path.dirname(path))
        _make_file(path)
    if not os.path.lexists(path):
        return None
    writable = not read_only
    try:
        handle = _open(path, os.O_RDWR if writable else os.O_RDONLY)
    except (PermissionError, _ReadOnlyFileSystem):
        writable = False
        handle = _open(path, os.O_RDONLY)
    try:
        status = os.fstat(handle)
        _check(status, os.stat(os.path.dirname(path)))
        return Found(writable, os.read(handle, head_bytes), (status.st_dev, status.st_ino))
    finally:
        os.close(handle)


def identity_of(path: str) -> tuple[int, int]:
    """Return device and inode of what is at ``path`` now."""
    status = os.lstat(path)
    return status.st_dev, status.st_ino


def close_to_others(path: str) -> None:
    """Take away what anybody but the owner may do with a file of ours."""
    handle = _open(os.path.abspath(path), os.O_RDONLY)
    try:
        if os.fstat(handle).st_mode & 0o077:
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


class _ReadOnlyFileSystem(OSError):
    """The file system takes no writes."""


def _make_folders(folder: str) -> None:
    missing = []
    while not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for one in reversed(missing):
        try:
            # makedirs would give all but the last the mode that the umask leaves, 0777 in some containers.
            os.mkdir(one, 0o700)
        except FileExistsError:
            # Another run made it.
            pass


def _make_file(path: str) -> None:
    try:
        # Made here, because SQLite would make a file that others may read. Exclusive: it follows no symbolic link.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        # It is there, or it cannot be made: opening it tells.
        if not os.path.lexists(path):
            raise


def _open(path: str, flags: int) -> int:
    # SQLite would wait for a named pipe for ever, hence O_NONBLOCK.
    try:
        return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if stat.S_ISLNK(os.lstat(path).st_mode):
            raise OSError("it is a symbolic link") from None
        if stat.S_ISDIR(os.lstat(path).st_mode):
            raise OSError("it is no regular file") from None
        if error.errno == errno.EROFS:
            raise _ReadOnlyFileSystem(error.strerror) from None
        raise


def _check(status: os.stat_result, folder: os.stat_result) -> None:
    """Refuse a file that others may read, write or replace through a way of their own."""
    if not stat.S_ISREG(status.st_mode):
        raise OSError("it is no regular file")
    if status.st_uid != os.geteuid():
        raise OSError("it belongs to another user")
    if status.st_nlink > 1:
        raise OSError("it has another name, a hard link")
    # In a folder with the sticky bit, such as /tmp, others can make files, but not replace ours.
    if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
        raise OSError("everybody can write to its folder")
