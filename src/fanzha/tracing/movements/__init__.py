"""Movements: every transfer of a case once, however many files tell of it."""
