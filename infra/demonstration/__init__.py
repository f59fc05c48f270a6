"""The season that `infra/up` loads: halls, artists, programme, and what is sold of it already."""
