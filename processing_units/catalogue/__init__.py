"""What is on sale: events, artists and halls as shoppers read them, kept in the unit and refreshed from the grid."""
