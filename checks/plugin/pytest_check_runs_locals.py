"""Show the arguments and locals of a traceback's frames.

Part of the plugin; the rules in `pytest_check_runs_child` apply.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING

from pytest_check_runs_stream import hidden_from_coverage, never_fail
from pytest_check_runs_texts import ValueRepr

if TYPE_CHECKING:
    Texts = dict[int, tuple[object, str]]

__file__ = hidden_from_coverage(__file__)

_LOCALS_PER_FRAME = 30
_CODE = (types.ModuleType, types.FunctionType, types.MethodType, types.BuiltinFunctionType, type)
_values = ValueRepr()


@never_fail
def locals_of(frame: types.FrameType, known: Texts) -> list[str]:
    """Return a line for each argument and local of a frame.

    `known` has the values of the failure's other frames by their ids, since frames often pass on the same objects.
    """
    code, values = frame.f_code, frame.f_locals
    if code.co_name == "<module>":
        return []
    arguments = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
    names = dict.fromkeys((*code.co_varnames[:arguments], *values))
    shown_names = [name for name in names if name in values and _is_worth_showing(name, values[name])]
    lines = ["      %s = %s" % (name, _text(values[name], known)) for name in shown_names[:_LOCALS_PER_FRAME]]
    if len(shown_names) > _LOCALS_PER_FRAME:
        lines.append("      … and %d more" % (len(shown_names) - _LOCALS_PER_FRAME))
    return lines


def _text(value: object, known: Texts) -> str:
    if id(value) not in known:
        known[id(value)] = value, _values.text(value)
    return known[id(value)][1]


def _is_worth_showing(name: str, value: object) -> bool:
    """Exclude variables of assertion rewriting, names of code, and values whose repr is an address only."""
    kind = type(value)  # proxies lie about their class
    has_repr = type.__getattribute__(kind, "__repr__") is not object.__repr__  # a metaclass may refuse attributes
    return has_repr and not (name.startswith("@") or issubclass(kind, _CODE))
