"""The tables as SQLAlchemy sees them; migrations make them, a test holds the two together."""

from sqlalchemy import MetaData, Text

metadata = MetaData()

PATH = Text(collation="C")
"""A unit path sorts and compares by its bytes, whatever the database's language."""
