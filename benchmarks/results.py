"""What a measurement reports: a figure, its goal, and its share of a floor measured in the same run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `floor` is what the bare machine does in the same run, in the same unit."""

    name: str
    value: float
    unit: str
    goal: str = ""
    floor: float | None = None
    detail: str = ""

    def __str__(self) -> str:
        share = f", {self.value / self.floor:.2f} of the floor {self.floor:,.0f}" if self.floor else ""
        goal = f" (goal {self.goal})" if self.goal else ""
        detail = f" [{self.detail}]" if self.detail else ""
        return f"{self.name}: {self.value:,.4g} {self.unit}{share}{goal}{detail}"
