"""Pure: values in, values out.

No I/O, clock, environment or randomness. Each package is one domain; `model` has the values that they share.
"""
