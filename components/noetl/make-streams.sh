# Makes what the files of STREAMS_DIR declare; what JetStream has already stays as it is, be it different. Each file is a
# request of the JetStream API, named like its subject. Waits as long as it takes: a server that starts without messaging,
# or before its streams, loses executions.
set -u

make() {
  answer=$(nats request "\$JS.API.$(basename "$1")" "$(cat "$1")" --raw --timeout 5s 2>&1)
  case $answer in
    *'"error"'*'"err_code":10058'* | *'"error"'*'"err_code":10148'*)
      echo "$(basename "$1"): exists in another form, which stays"
      ;;
    *'"error"'* | *'nats: error'*)
      echo "$(basename "$1"): $answer" >&2
      return 1
      ;;
    *'"config"'*) echo "$(basename "$1"): is there" ;;
    *)
      echo "$(basename "$1"): no answer" >&2
      return 1
      ;;
  esac
}

all() {
  for file in "$STREAMS_DIR"/STREAM.* "$STREAMS_DIR"/CONSUMER.*; do
    [ ! -e "$file" ] || make "$file" || return 1
  done
}

until nats rtt --timeout 3s >/dev/null 2>&1; do
  echo "waiting for a login at $NATS_URL"
  sleep 2
done
until all; do sleep 2; done
