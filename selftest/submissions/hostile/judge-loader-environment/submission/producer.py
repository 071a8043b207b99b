"""Nothing but a claim: the rest is done by the loader."""

print("PASSED", flush=True)
