"""The embedded population and immigration registers.

They stand for outside systems of the state: a database of their own, plain columns (a real register keeps its own
protection), reached only through the Protocols of `identity.gateways`.
"""
