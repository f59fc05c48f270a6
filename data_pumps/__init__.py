"""What carries changes out of the grid and brings entries back: pump, readers, deadlines, reconciliation; one process."""
