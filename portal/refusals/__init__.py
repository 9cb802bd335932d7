"""The sentence and the HTTP status of every refusal, one module per owner: `SENTENCES` and `STATUS` by code."""
