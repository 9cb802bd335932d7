"""`make demo`: a world of made-up people in a ward of Hà Nội, made by the domain's own verbs, and its processes.

`world` makes everything once and `report` writes var/demo.json; `processes` starts and ends portal, worker and relying
party. Refused outside the demonstration setting.
"""
