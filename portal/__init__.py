"""The web: turns requests into calls and results into pages; decides nothing. `portal.assembly` puts it together."""
