"""`flask demo replay --campaign dak-lak`: a province learns, with one made-up person for so many (1:100 if not told).

Published were the shares (66.3 % of adults with better digital skills, 66.4 % guided in using key VNeID functions) and
the forces of one ward: 25 community teams and 3 task forces. Assumed are the number of adults, the days, and one team
in each of the other 101 communes. "Guided" is `guided-adults`, "better skills" is `skilled-adults`: all five skills,
each witnessed. Everything is done by the domain's own verbs; a commune's day is one transaction, marked in the ledger.
"""
