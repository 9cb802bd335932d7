"""The register of personal data breaches and its 72-hour notice."""
