"""A small site with an editor's section, and pages of every kind of field."""
