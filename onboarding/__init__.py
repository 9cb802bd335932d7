"""How people are helped to their e-ID: teams, assistance, guided activation, figures. Knows no web."""
