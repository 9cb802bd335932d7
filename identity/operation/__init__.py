"""What operators keep in their hands: dated rules changed by two people, the manual route, messages and jobs stuck."""
