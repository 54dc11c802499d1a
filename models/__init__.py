"""The record: tables, lifecycle, deadlines, rules, casework, migrations."""
