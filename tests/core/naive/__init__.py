"""A slow, obviously right exchange that judges the fast one.

It was written from the reference and the rules alone, without a look at `openbourse.core.exchange`:
the book is a list that is sorted whenever somebody asks, a plan of fills is drawn up before anything
moves, fees are fractions. Nothing here may become clever.
"""
