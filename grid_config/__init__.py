"""What all rooms must agree on about the grid: its messages, limits, plans and layouts, its client. `member/` is its Java module."""
