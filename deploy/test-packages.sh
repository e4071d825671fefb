#!/bin/sh
# Install the servers and the browser that the tests talk to; only what is missing, nothing started.
set -eu

missing=""
need() { # need PACKAGE FILE: the package is there if its file is
    [ -e "$2" ] || missing="$missing $1"
}
need dovecot-core /usr/sbin/dovecot
need dovecot-imapd /usr/lib/dovecot/imap
need postfix /usr/sbin/postfix
need postgresql-15 /usr/lib/postgresql/15/bin/postgres
need chromium /usr/bin/chromium
need strace /usr/bin/strace
need curl /usr/bin/curl
need openssl /usr/bin/openssl
# What drives the browser needs it; its folder is named after the machine.
need libatomic1 "$(find /usr/lib -name libatomic.so.1 2>/dev/null | head -n 1)"
need fonts-dejavu-core /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
need fonts-liberation /usr/share/fonts/truetype/liberation
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests with real servers need programs that are not here. On Debian 12, as root:" >&2
    echo "  apt-get install --no-install-recommends$missing" >&2
    [ -z "${CI:-}" ] || exit 1
    echo "Without them these tests are left out." >&2
    exit 0
fi

echo "Installing for the tests:$missing"
# invoke-rc.d asks this file whether a freshly installed daemon may start: the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
if command -v debconf-set-selections >/dev/null; then
    printf 'postfix postfix/main_mailer_type select Local only\npostfix postfix/mailname string localhost\n' |
        debconf-set-selections
fi
apt-get -qq update
# shellcheck disable=SC2086  # a list of words
apt-get -qq install --no-install-recommends -o Dpkg::Use-Pty=0 $missing

# Debian would start them at the next boot: the tests start their own, and nothing else needs them.
command -v systemctl >/dev/null || exit 0
for service in dovecot postfix postgresql; do
    case "$missing" in
    *"$service"*) systemctl --quiet disable "$service" 2>/dev/null || true ;;
    esac
done
