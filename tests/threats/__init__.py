"""What an attacker tries, and the figure that shows what comes of it: `python -m tests.threats`.

``table.THREATS`` is the one list. Each row names the tests that hold it; where a figure needs a
running server, it names a function of ``measures`` or ``inputs`` besides.
"""
