"""The parts of Home that have addresses of their own."""

from cdp_site.home.views import chart, figures
from compliance.enums import Operation
from streaming.screens import Screen

HOME_SCREENS = [
    Screen("home/figures/", "home_figures", figures, Operation.HOME_VIEW.value),
    Screen("home/chart/", "home_chart", chart, Operation.HOME_VIEW.value),
]
