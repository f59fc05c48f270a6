"""The shop's side of paying: a port, the plug-ins behind it, and the client of the sandbox provider."""
