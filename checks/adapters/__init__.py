"""One outside thing in each package.

An adapter does what the core has decided, and decides nothing itself.
"""
