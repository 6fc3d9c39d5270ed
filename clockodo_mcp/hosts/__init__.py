"""Hosts on this machine: where each has its configuration, and how one entry goes in and out of it again."""
