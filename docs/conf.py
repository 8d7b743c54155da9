"""Sphinx's settings: `make docs`."""

project = "Real-time Django without servers"
copyright = "2026, the contributors"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
html_theme = "furo"
pygments_style = "default"
pygments_dark_style = "monokai"
html_title = project
