"""What a rule may ask: each condition says whether it holds, and in words what was found."""
