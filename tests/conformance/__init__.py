"""Black-box checks of an OpenID provider: what certification looks at, against any issuer over https.

`python -m tests.conformance ISSUER` runs them from a shell; `test_checks.py` runs them against a live portal, and
`test_lies.py` against the same portal behind a front that lies, to show that every group of checks can fail.
"""
