"""What goes wrong on a real machine, done to real servers: `python -m tests.faults`.

One module per fault, or per few that are alike. Each has ``FAULTS``, a tuple of ``Fault``, and its
name stands in ``catalogue.MODULES``, whose order is that of the table in ``docs/faults.md``::

    def run(scene: Scene) -> Outcome:
        with scene.site() as site:                  # a fresh demo, served by one uvicorn process
            …                                       # asking.call(site, "editor", "update_page", …)
        return Outcome("98 of 100 …", met=False)    # one table cell, and whether the aim is met

    FAULTS = (Fault("name-for-only", "words of the first column", "words of the aim", run),)

``run`` is called once per database. It raises ``NotRun("reason")`` where it cannot run there; any
other exception makes the row say that it failed. Verdicts are counts: seconds are told, and are
part of ``met`` only where the aim names them. What a scene offers:

``scene.database``      "SQLite" or "PostgreSQL"
``scene.folder``        a folder of this fault's own, removed afterwards
``scene.rounds(100, 3)``   the first, or the second in a quick run (``scene.quick``)
``scene.site(…)``       context manager: a ``LiveSite`` of its own with start, stop and kill. It is
                        a copy of one demo and takes seconds. Positional arguments are options
                        of uvicorn, named ones are variables of its environment
``scene.inspect(site, function, …)``   what the function returns, run in a process that has Django
                        set up on the site's database: a function of a module, with values and
                        a result that can be pickled
``scene.cluster``       the PostgreSQL cluster, to stop and start; None when it is not our own
"""
