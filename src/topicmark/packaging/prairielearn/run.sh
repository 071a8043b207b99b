#!/bin/bash
# PrairieLearn runs this for each submission, in a container of its own without a network.
# ROOT: where the platform has its folders.
set -u
root=${ROOT:-/grade}
here=$(cd "$(dirname "$0")" && pwd)
export TOPICMARK_CACHE="${TOPICMARK_CACHE:-$here/cache}" TOPICMARK_STATE="${TMPDIR:-/tmp}/topicmark-state"
mapfile -t options <"$here/grade-options"

mkdir -p "$root/results"
results=$root/results/results.json
errors=$(mktemp)
"$here/topicmark/topicmark" grade "$root/student" --untrusted --contained --out "${TMPDIR:-/tmp}/topicmark-out" \
  --also "prairielearn=$results" "${options[@]}" 2>"$errors"
code=$?
cat "$errors" >&2
if [ "$code" -gt 1 ] && [ ! -e "$results" ]; then # nothing was graded: that costs neither points nor an attempt
  python3 - "$results" "$code" "$errors" <<'END'
import json, sys
said = open(sys.argv[3], "rb").read()[-4000:].decode("utf-8", "replace")
shown = "".join(c if c.isprintable() or c == "\n" else " " for c in said).strip()
with open(sys.argv[1], "w") as file:
    json.dump({"gradable": False, "format_errors": [shown or f"The grader ended with code {sys.argv[2]}."]}, file)
END
fi
exit 0
