# Copyright (c) 2026, the zego.cloud authors
# BSD 2-Clause License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How Sphinx makes the site: ``make docs``."""

from __future__ import annotations

import atexit
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

project = "zego.cloud"
copyright = "the zego.cloud authors"
title = html_short_title = html_title = "zego.cloud"
extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext", "sphinx_copybutton"]
html_theme = "sphinx_ansible_theme"
html_theme_options = {
    "documentation_home_url": "https://github.com/zego-cloud/ansible-collection-zego.cloud",
    "show_extranav": False,
    "show_rtd_ethical_ads": False,
    "topbar_links": {},
    "vcs_pageview_mode": "raw",
}
# A console block is copied without its prompts, and without what is printed.
copybutton_prompt_text = r"\$ |> "
copybutton_prompt_is_regexp = True
html_show_sphinx = False
html_use_index = False
html_copy_source = False
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"
nitpicky = True

# Pages of Ansible's own documentation that the generated pages name. They are listed here, since a site is built
# without a network.
ANSIBLE = "https://docs.ansible.com/ansible/latest/"
LABELS = {
    "action_plugins": ("plugins/action.html#action-plugins", "Action plugins"),
    "ansible_configuration_settings": (
        "reference_appendices/config.html#ansible-configuration-settings",
        "Ansible Configuration Settings",
    ),
    "common_return_values": ("reference_appendices/common_return_values.html#common-return-values", "Return Values"),
}


def _inventory():
    """Write the labels in the form that intersphinx reads; return the file."""
    lines = ("Sphinx inventory version 2", "Project: Ansible", f"Version: {sys.version_info.major}")
    head = "".join(f"# {line}\n" for line in (*lines, "The remainder of this file is compressed using zlib."))
    body = "".join(f"{label} std:label -1 {page} {title}\n" for label, (page, title) in LABELS.items())
    folder = tempfile.mkdtemp(prefix="zego-docs-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "objects.inv"
    path.write_bytes(head.encode("utf-8") + zlib.compress(body.encode("utf-8")))
    return str(path)


intersphinx_mapping = {"ansible": (ANSIBLE, _inventory())}
