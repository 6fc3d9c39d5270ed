"""Where people find the server: the manifests of each channel, all made from the project's own data."""
