"""A list that grows until somebody says stop."""

print("PASSED", flush=True)
hoard = []
while len(hoard) < 4096:
    hoard.append(b"\xaa" * (64 << 20))
