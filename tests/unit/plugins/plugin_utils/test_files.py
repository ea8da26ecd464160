# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files are written whole, and what was there before keeps its mode and its owner."""

from __future__ import annotations

import errno
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.zego.cloud.plugins.plugin_utils import _files


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def private_umask():
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_folders_that_are_made_can_be_read_by_all_and_those_that_are_there_stay_as_they_are(tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    there.chmod(0o700)
    _files.make_folder(str(there / "a" / "b"))
    _files.make_folder(str(there / "a" / "b"))
    assert mode_of(there) == 0o700 and mode_of(there / "a") == mode_of(there / "a" / "b") == 0o755
    (there / "file").write_text("")
    for path in (there / "file", there / "file" / "below"):
        with pytest.raises(OSError):
            _files.make_folder(str(path))


def test_each_run_gets_a_folder_of_its_own(tmp_path):
    made = [_files.make_own_folder(str(tmp_path / "all" / "now")) for _run in range(3)]
    assert [os.path.basename(path) for path in made] == ["now", "now-2", "now-3"]
    assert {mode_of(tmp_path / "all" / os.path.basename(path)) for path in made} == {0o755}


def test_a_new_file_can_be_read_by_all_and_one_that_is_there_keeps_its_mode(tmp_path):
    path = tmp_path / "report"
    _files.write_file(str(path), b"1")
    assert path.read_bytes() == b"1" and mode_of(path) == 0o644
    path.chmod(0o600)
    _files.write_file(str(path), b"2")
    assert path.read_bytes() == b"2" and mode_of(path) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["report"]


# What a bind mount, a running program, an overlay, and a sticky or read-only folder answer.
@pytest.mark.parametrize("number", ["EBUSY", "ETXTBSY", "EXDEV", "EPERM", "EACCES", "EROFS"])
def test_where_a_file_cannot_be_replaced_it_is_written_in_place(tmp_path, monkeypatch, number):
    path = tmp_path / "summary"
    path.write_bytes(b"a longer text than before")
    path.chmod(0o640)
    before = path.stat().st_ino

    def refuse(*_paths):
        raise OSError(getattr(errno, number), "refused")

    monkeypatch.setattr(_files.os, "replace", refuse)
    _files.write_file(str(path), b"new")
    assert path.read_bytes() == b"new" and path.stat().st_ino == before and mode_of(path) == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["summary"]
    # Without a file there is nothing to write in place of.
    with pytest.raises(OSError):
        _files.write_file(str(tmp_path / "none"), b"new")
    assert [one.name for one in tmp_path.iterdir()] == ["summary"]


def test_another_error_is_told_and_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "report"
    path.write_bytes(b"old")

    def refuse(*_paths):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(_files.os, "replace", refuse)
    with pytest.raises(OSError) as caught:
        _files.write_file(str(path), b"new")
    assert _files.explain(caught.value) == f"{path}: No space left on device"
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


def test_the_file_of_another_user_stays_theirs(tmp_path, monkeypatch):
    path = tmp_path / "report"
    path.write_bytes(b"old")
    before = path.stat().st_ino
    monkeypatch.setattr(_files.os, "geteuid", lambda: os.getuid() + 1)
    _files.write_file(str(path), b"new")
    assert path.read_bytes() == b"new" and path.stat().st_ino == before

    # Where it may not be written, and its folder may, there is only one way left.
    def refuse(*_arguments):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(_files, "_write_in_place", refuse)
    _files.write_file(str(path), b"newer")
    assert path.read_bytes() == b"newer" and path.stat().st_ino != before


def test_nothing_is_written_through_a_link_that_cannot_be_replaced(tmp_path, monkeypatch):
    target, link = tmp_path / "passwd", tmp_path / "report"
    target.write_bytes(b"root")
    link.symlink_to(target)
    real = os.replace

    def refuse(*_paths):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(_files.os, "replace", refuse)
    with pytest.raises(OSError):
        _files.write_file(str(link), b"new")
    assert target.read_bytes() == b"root"
    monkeypatch.setattr(_files.os, "replace", real)
    _files.write_file(str(link), b"new")
    assert target.read_bytes() == b"root" and link.read_bytes() == b"new" and not link.is_symlink()


def test_half_a_report_is_none(tmp_path, monkeypatch):
    path = tmp_path / "report"
    path.write_bytes(b"old")
    real = os.fdopen

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_error):
            self.file.close()

        def write(self, content):
            if len(content) < 3:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(content[:1])

        def truncate(self, *size):
            return self.file.truncate(*size)

    monkeypatch.setattr(_files.os, "fdopen", lambda *given, **more: Full(real(*given, **more)))
    with pytest.raises(OSError):
        _files._write_in_place(str(path), b"new report")
    assert path.read_bytes() == b""


def test_a_device_is_written_to_and_a_folder_or_a_pipe_without_a_reader_is_refused(tmp_path):
    _files.write_file("/dev/null", b"new")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(OSError):
            _files.write_file(str(path), b"new")


def test_what_an_earlier_run_left_is_taken_away_or_emptied(tmp_path, monkeypatch):
    path = tmp_path / "report"
    path.write_bytes(b"old")
    assert _files.discard_file(str(path)) == "" and not path.exists() and _files.discard_file(str(path)) == ""
    assert _files.discard_file(str(tmp_path)) == "" and tmp_path.exists()
    path.write_bytes(b"old")

    def refuse(name):
        raise OSError(errno.EBUSY, "Device or resource busy", name)

    monkeypatch.setattr(_files.os, "unlink", refuse)
    assert _files.discard_file(str(path)) == "" and path.read_bytes() == b""
    monkeypatch.setattr(_files, "_write_in_place", lambda *given: refuse(given[0]))
    assert _files.discard_file(str(path)) == f"{path}: Device or resource busy"


LINES = st.lists(st.sampled_from([b"a", b"b\r", b"<!-- BEGIN other -->", b"<!-- END other -->", b""]), max_size=5)


@given(LINES, LINES, st.booleans())
def test_a_block_replaces_its_own_and_nothing_else(before, after, newline):
    start = b"".join(line + b"\n" for line in before)
    start = start if newline else start.rstrip(b"\r\n")
    once = _files.with_block(start, b"first", "mine")
    assert once.startswith(start) and b"first\n<!-- END mine -->\n" in once
    text = once + b"".join(line + b"\n" for line in after)
    twice = _files.with_block(text, b"second\n", "mine")
    assert twice == text.replace(b"first", b"second")
    assert _files.with_block(_files.with_block(text, b"", "mine"), b"", "mine") == text.replace(
        b"<!-- BEGIN mine -->\nfirst\n<!-- END mine -->\n", b""
    )


def test_a_block_that_was_cut_off_takes_nothing_along():
    text = b"x\n<!-- BEGIN mine -->\nhalf\nother\n"
    assert _files.with_block(text, b"new", "mine") == (b"x\n<!-- BEGIN mine -->\nnew\n<!-- END mine -->\nhalf\nother\n")
