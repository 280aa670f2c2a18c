#!/bin/sh
# guarded.sh FOLDER SIGNAL PROGRAM ARGS…: becomes PROGRAM. Beside it a guard holds descriptor 3, a pipe to the process
# that started it: when that process is gone without a word, however it went, the guard ends PROGRAM and removes FOLDER.
# The guard is no child of PROGRAM: a server that waits for its children would wonder about one it does not know.
folder=$1
signal=$2
shift 2
(
  (
    read -r word <&3
    [ "$word" = over ] && exit 0
    kill -CONT $$ 2>/dev/null
    kill -s "$signal" $$ 2>/dev/null
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
      kill -0 $$ 2>/dev/null || break
      sleep 0.2
    done
    kill -KILL $$ 2>/dev/null
    sleep 0.2
    rm -rf "$folder"
    rmdir "$(dirname "$folder")" 2>/dev/null
  ) </dev/null >/dev/null 2>&1 &
)
exec 3<&-
exec "$@"
