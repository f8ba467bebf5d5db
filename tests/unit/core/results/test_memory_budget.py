import pytest

from checks.core.results.memory_budget import MemoryBudget


@pytest.mark.parametrize(("text", "size"), [("x" * 100, 500), ("é" * 100, 800), ("", 400)])
def test_budget_can_be_spent_to_its_last_byte(text: str, size: int) -> None:
    MemoryBudget(size).spend(text)
    with pytest.raises(ValueError, match="too much memory"):
        MemoryBudget(size - 1).spend(text)


def test_refused_spending_costs_nothing() -> None:
    budget = MemoryBudget(800)
    with pytest.raises(ValueError, match="too much memory"):
        budget.spend(objects=3)
    budget.spend(objects=2)
