"""Where indicators are going: reckoned by the worker (`making`), read by everybody else (`standing`).

What reckons needs statsmodels and lives in `reckoning`; nothing that a web process imports may import that.
"""

from onboarding.forecast.model import latest
from onboarding.forecast.paces import Arrival, arrival, recent
from onboarding.forecast.shape import Backtest, Band, Forecast, Point
from onboarding.forecast.standing import standing, standing_of

__all__ = ["Arrival", "Backtest", "Band", "Forecast", "Point", "arrival", "latest", "recent", "standing", "standing_of"]
