"""What the server costs: ratios against a bare baseline in the same run, requests, tokens."""
