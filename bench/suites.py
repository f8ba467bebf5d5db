"""Write suites of a given size as the files of a checkout."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from checks.core.model.settings import Settings

#: A realistic number per file, since passed tests of large suites are reported by file.
TESTS_PER_FILE = 100
FAILING_OF = 10


@dataclass(frozen=True, kw_only=True)
class BenchSuite:
    """A suite of `tests`; in a mixed one every tenth fails. Each test may use `cpu_seconds`."""

    tests: int
    is_mixed: bool = False
    cpu_seconds: float = 0.0

    @property
    def failing(self) -> int:
        return len([number for number in range(self.tests) if self.fails(number)])

    @property
    def passing(self) -> int:
        return self.tests - self.failing

    def fails(self, number: int) -> bool:
        return self.is_mixed and number % FAILING_OF == 0

    @property
    def modules(self) -> int:
        return ceil(self.tests / TESTS_PER_FILE)

    @property
    def notices(self) -> int:
        """Return the number of notices: one per passed test, otherwise one per file, otherwise none."""
        fitting = (number for number in (self.passing, self.modules) if number <= Settings().max_annotations)
        return next(fitting, 0)

    def files(self) -> dict[str, str]:
        """Return the files as name -> text."""
        return {"conftest.py": _CONFTEST, "shop.py": _SHOP} | {
            f"test_{module:03}.py": self._module(module) for module in range(self.modules)
        }

    def _module(self, module: int) -> str:
        first = module * TESTS_PER_FILE
        tests = (self._test(number) for number in range(first, min(first + TESTS_PER_FILE, self.tests)))
        return f"from shop import busy, receipt\n{''.join(tests)}"

    def _test(self, number: int) -> str:
        body = f"busy({self.cpu_seconds})" if self.cpu_seconds else "pass"
        return f"\n\ndef test_{number:05}():\n    {f'receipt({number})' if self.fails(number) else body}\n"


#: In the job's home folder; contains seconds since the epoch.
START_TIME_FILE = "begun"
_CONFTEST = f'''\
import os
import time


def pytest_collection_finish():
    with open(os.path.join(os.environ["HOME"], "{START_TIME_FILE}"), "w") as file:
        file.write(str(time.time()))
'''

#: `receipt` fails three levels below a test, with about 3 kB of traceback.
_SHOP = '''\
"""What the tests are about."""

import time


def busy(seconds):
    """Work for so long."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def receipt(order):
    """What the customer of an order is asked for, shipping included."""
    lines = [("apples", 3, 1.2), ("pears", 2, 0.95), ("plums of order %d" % order, 7, 0.15), ("walnuts", 40, 0.05)]
    customer = {"name": "Mona Lisa", "city": "Florence", "street": "Via della Stufa 1", "since": 1503, "order": order}
    goods = subtotal(lines, customer, currency="EUR", rebates={"apples": 0.1, "cherries": 0.25, "walnuts": 0.05})
    shipping = 0.0 if goods >= 50.0 else 4.9
    return "%.2f EUR" % (goods + shipping)


def subtotal(lines, customer, currency, rebates):
    """The sum of all lines, each with its rebate."""
    total = 0.0
    for name, number, each in lines:
        # A line without a rebate is the usual case, and one of a customer who is known for long is not.
        rebate = rebates.get(name, 0.0) + (0.02 if customer["since"] < 1900 else 0.0)
        total += price(name, number, each * (1.0 - rebate), customer, currency=currency)
    return total


def price(name, number, each, customer, currency):
    """The price of one line; there are whole numbers only, and no line is for free."""
    asked = {"name": name, "number": number, "each": round(each, 4), "currency": currency, "for": customer["name"]}
    known = {"name": "apples", "number": 3, "each": 1.2, "currency": "EUR", "for": "Mona Lisa", "until": "evening"}
    differing = {key: (asked.get(key), value) for key, value in known.items() if asked.get(key) != value}
    assert not differing, "the price list knows no such line: %r, where it should be %r" % (asked, known)
    return number * each
'''
