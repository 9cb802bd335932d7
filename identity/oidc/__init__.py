"""The OpenID provider without HTTP: clients, requests, prompts, grants, tokens, claims, keys."""
