"""Rules that need the client: the account, the catalogue, entries with their day; bundled as the `Desk`."""
