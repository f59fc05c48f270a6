"""Halls drawn by rule: arenas, theatres and clubs, from a small description to the seating-plan JSON that the import reads.

A description (`Arena`, `Theatre`, `Club`) says how many places there are and of what kind; its `plan()` sets them up and gives
the JSON of api.md, "Halls". Everything is in plan units (a seat is 24 wide), y downwards, the stage at the top.
"""
