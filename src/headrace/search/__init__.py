"""The filter and order language: text to a tree, no database in sight."""
