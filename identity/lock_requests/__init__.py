"""Requests on paper to lock or open an account: form TK03 of Decree 69/2024/ND-CP, received, examined, decided."""
