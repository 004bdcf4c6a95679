"""The living mode: when searches are due, how the flow looks beside the version before, what is new, and where the review stands."""
