"""What people may ask about their own data: a copy, correction, restriction, objection, withdrawal, erasure."""
