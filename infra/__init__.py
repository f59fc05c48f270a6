"""The commands and what they start with; settings, clock, logs and the payment port, which every room may use."""
