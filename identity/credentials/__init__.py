"""What a person proves who they are with: password, one-time codes, authenticator app, recovery codes."""
