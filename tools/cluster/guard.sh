#!/bin/sh
# guard.sh FOLDER: waits until the process that holds its standard input is gone, however it went, then ends what that
# process had started (the pids in FOLDER/pid), runs FOLDER/cleanup if there is one, and removes the folder. Started in a
# session of its own, so that what ends the parent does not end it too. Says so once it watches.
trap '' INT TERM HUP PIPE
echo watching
cat >/dev/null
for file in "$1"/pid/*; do
  [ -f "$file" ] && kill -KILL "$(cat "$file")" 2>/dev/null
done
[ -x "$1/cleanup" ] && "$1/cleanup"
# The killed may still hold a file open for a moment.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$1" 2>/dev/null && exit 0
  sleep 0.2
done
