"""The sandbox payment provider: a service of its own that behaves, and misbehaves on demand, as a real acquirer does.

It knows nothing of the shop but the address that it notifies and the secret that both sign with.
"""
