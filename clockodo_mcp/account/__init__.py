"""What is known of one account: who calls, its catalogue, what is usual there, codes that were given out."""
