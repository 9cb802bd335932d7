"""Where indicators are going: reckoned by the worker (`making`), read by everybody else (`latest`).

What reckons needs statsmodels and lives in `reckoning`; nothing that a web process imports may import that.
"""

from onboarding.forecast.model import latest, latest_of
from onboarding.forecast.paces import Arrival, arrival, recent
from onboarding.forecast.shape import Backtest, Band, Forecast, Point

__all__ = ["Arrival", "Backtest", "Band", "Forecast", "Point", "arrival", "latest", "latest_of", "recent"]
