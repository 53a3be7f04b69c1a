#!/usr/bin/env bash
# Copies folders to a backup disk and keeps the last few copies.

set -euo pipefail

readonly KEEP=7
readonly TARGET="${BACKUP_TARGET:-/mnt/backup}"

declare -A NAMES=(
    [home]="/home"
    [mail]="/var/mail"
    [www]="/srv/www"
)

log() {
    printf '%s %s\n' "$(date +%FT%T)" "$*" >&2
}

die() {
    log "error: $*"
    exit 1
}

usage() {
    cat <<-TEXT
	usage: ${0##*/} [-n] [-v] NAME...
	  -n   only say what would be done
	  -v   say more
	TEXT
}

copy() {
    local name=$1 source=$2
    local day target
    day=$(date +%F)
    target="$TARGET/$name/$day"
    if [[ -d $target ]]; then
        log "$name: there is a copy of today already"
        return 0
    fi
    mkdir -p "$TARGET/$name"
    if ! rsync -a --delete --link-dest="$TARGET/$name/latest" "$source/" "$target/"; then
        log "$name: rsync failed"
        return 1
    fi
    ln -sfn "$day" "$TARGET/$name/latest"
}

prune() {
    local name=$1
    local -a copies
    mapfile -t copies < <(find "$TARGET/$name" -mindepth 1 -maxdepth 1 -type d | sort -r)
    for old in "${copies[@]:$KEEP}"; do
        log "$name: removing $(basename "$old")"
        rm -rf -- "$old"
    done
}

main() {
    local dry=false verbose=false option
    while getopts 'nvh' option; do
        case $option in
            n) dry=true ;;
            v) verbose=true ;;
            h)
                usage
                return 0
                ;;
            *) usage >&2; return 2 ;;
        esac
    done
    shift $((OPTIND - 1))
    # Without a name, everything is copied.
    (( $# > 0 )) || set -- "${!NAMES[@]}"
    mountpoint -q "$TARGET" || die "$TARGET is not mounted"
    for name in "$@"; do
        [[ -n ${NAMES[$name]:-} ]] || die "no folder is called '$name'"
        $verbose && log "copying $name (${NAMES[$name]})"
        $dry || copy "$name" "${NAMES[$name]}"
        $dry || prune "$name"
    done
}

main "$@"
