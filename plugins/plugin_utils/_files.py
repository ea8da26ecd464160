# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the files of a report, in folders and over files that may belong to somebody else.

What was there before keeps its mode and its owner: only what is made here gets a mode.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile

# CI has to pick the report up, as another user too.
FOLDER_MODE = 0o755
FILE_MODE = 0o644
# GitHub takes no larger summary of a step.
SUMMARY_BYTES = 1024 * 1024
# What a system answers where a file may be written, but not replaced: it is mounted by itself, in use, or its folder
# cannot be written.
_NOT_REPLACED = (errno.EBUSY, errno.ETXTBSY, errno.EXDEV, errno.EPERM, errno.EACCES, errno.EROFS)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


def make_folder(path: str) -> None:
    """Make a folder and those above it, where they are missing. Raises ``OSError``."""
    if os.path.isdir(path):
        return
    above = os.path.dirname(path)
    if above not in ("", path):
        make_folder(above)
    try:
        os.mkdir(path)
    except FileExistsError:
        # Another run has just made it; or it is a file.
        if not os.path.isdir(path):
            raise
    else:
        os.chmod(path, FOLDER_MODE)


def make_own_folder(path: str) -> str:
    """Make a folder that nobody else has: with a number after its name where there is one already. Return its path."""
    make_folder(os.path.dirname(path))
    number, name = 1, path
    while True:
        try:
            os.mkdir(name)
        except FileExistsError:
            number += 1
            name = f"{path}-{number}"
        else:
            os.chmod(name, FOLDER_MODE)
            return name


def write_file(path: str, content: bytes) -> None:
    """Write a whole file: readers see the old one or the new one, where the system lets us. Raises ``OSError``."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        found = None
    if found is not None and not stat.S_ISREG(found.st_mode) and not stat.S_ISLNK(found.st_mode):
        # A device or a pipe is written to. A folder is refused.
        _write_in_place(path, content)
        return
    if found is not None and stat.S_ISREG(found.st_mode) and found.st_uid != os.geteuid():
        # Replaced, it would be ours. If we may not write it, that is the only way left.
        with contextlib.suppress(PermissionError):
            _write_in_place(path, content)
            return
    is_file = found is not None and stat.S_ISREG(found.st_mode)
    mode = stat.S_IMODE(found.st_mode) if found is not None and is_file else FILE_MODE
    try:
        _replace(path, content, mode)
    except OSError as error:
        if error.errno not in _NOT_REPLACED or not is_file:
            raise
        _write_in_place(path, content)


def _replace(path: str, content: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(prefix=".teardown-", dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _write_in_place(path: str, content: bytes) -> None:
    # Not through a link: somebody else may have put it there. Not waiting for somebody to read a pipe.
    handle = os.open(path, os.O_WRONLY | _NO_FOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "wb", buffering=0) as file:
        is_file = stat.S_ISREG(os.fstat(handle).st_mode)
        if is_file:
            file.truncate()
        try:
            left = memoryview(content)
            while left:
                left = left[file.write(left) :]
        except OSError:
            # Half a report is none.
            if is_file:
                with contextlib.suppress(OSError):
                    file.truncate(0)
            raise


def discard_file(path: str) -> str:
    """Take away a file that an earlier run left, or what is in it. Return '', or why it is still there."""
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        if os.path.isdir(path):
            return ""
        try:
            _write_in_place(path, b"")
        except OSError:
            return explain(error)
    return ""


def with_block(text: bytes, block: bytes, mark: str) -> bytes:
    """Return the text with a block between its marks: in the place of the block that is there, else at the end."""
    begin, end = (f"<!-- {word} {mark} -->".encode() for word in ("BEGIN", "END"))
    lines = text.splitlines(keepends=True)
    bare = [line.strip() for line in lines]
    before, after = lines, []
    if begin in bare:
        first = bare.index(begin)
        # Without its end, the block was cut off: what follows may be somebody else's.
        last = bare.index(end, first) if end in bare[first:] else first
        before, after = lines[:first], lines[last + 1 :]
    if before and not before[-1].endswith(b"\n"):
        before[-1] += b"\n"
    new = [begin + b"\n", block.rstrip(b"\n") + b"\n", end + b"\n"] if block else []
    return b"".join([*before, *new, *after])


def explain(error: OSError) -> str:
    """Return a sentence about why a file could not be written."""
    return f"{error.filename or 'the file'}: {error.strerror or type(error).__name__}"
