"""`flask demo replay`: published campaigns played again with made-up people, by the domain's own verbs.

`campaign` says what was published, `plan` who does what on which day, `acts` does one working group's day in one
transaction, `run` sends the days out to processes, day after day. A day that is done is marked in the one-winner ledger
in its own transaction: a replay that was stopped, or killed, goes on where it was, and ends with the same figures.
"""
