# Copyright (c) 2026, the zego.cloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The import check sees what galaxy-importer complains about; the session import_check runs it on the real tarball."""

from __future__ import annotations

import check_import


def test_each_complaint_counts_and_progress_does_not():
    complaints = ["WARNING: No changelog found.", "ERROR: The import failed: No role readme found."]
    output = ["Importing with galaxy-importer", complaints[0], "Loading module zego_room", complaints[1], ""]
    assert check_import.complaints("\n".join(output)) == complaints
    assert check_import.complaints("Loading role teardown\nImporter processing completed successfully\n") == []


def test_what_has_no_documentation_is_named():
    contents = [
        {"name": "zego_room", "content_type": "module", "description": "Close rooms"},
        {"name": "zego_new", "content_type": "module", "description": None},
        {"name": "teardown", "content_type": "role", "description": ""},
        {"name": "_client", "content_type": "module_utils", "description": None},
        {"name": "teardown.yml", "content_type": "playbook", "description": None},
    ]
    assert check_import.undocumented({"contents": contents}) == ["zego_new", "teardown"]
    assert check_import.undocumented({"contents": contents[:1]}) == []


def test_an_import_that_saw_no_plugins_is_no_success():
    assert (
        check_import.undocumented({"contents": [{"name": "a.yml", "content_type": "playbook", "description": None}]})
        != []
    )
