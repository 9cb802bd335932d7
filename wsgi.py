"""Makes the application, nothing else."""

from portal.assembly import application

app = application()
