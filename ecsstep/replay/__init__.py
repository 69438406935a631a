"""Replays of recorded runs: the same code, with answers from a record instead of the outside."""
