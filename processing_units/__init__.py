"""A unit: the HTTP calls of the shop on top of the grid. `app` puts its parts together, `server` is its process."""
