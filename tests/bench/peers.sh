# Finds the tools that the benchmarks compare with: the installed one, else Debian's package unpacked into the scratch
# folder `$work`, never installed. Sourced by tests/bench.sh and tests/bench/inventory.sh, which define `say` and `work`.

# unpack PACKAGE...: fetches and unpacks what it can; false where one could not be had.
unpack() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
    mkdir -p "$work/peers"
    say "fetching $1"
    (cd "$work/peers" && { apt-get -qq download "$@" || { apt-get -qq update && apt-get -qq download "$@"; }; }) >/dev/null 2>&1 || return 1
    local package
    for package in "$work"/peers/*.deb; do dpkg-deb -x "$package" "$work/peers/root" && rm "$package"; done
}

# peer PACKAGE PATH: prints where the executable is; nothing where it cannot be had.
peer() {
    local found
    found=$(command -v "$(basename "$2")" || true)
    [ -n "$found" ] || found=$([ -x "$2" ] && echo "$2" || true)
    if [ -z "$found" ] && unpack "$1"; then found=$work/peers/root$2; fi
    [ -x "$found" ] && echo "$found" || true
}

# Perl libraries that fusioninventory-agent needs beside perl itself.
perl_libraries=(
    libuniversal-require-perl libfile-which-perl libxml-treepp-perl libnet-ip-perl libproc-daemon-perl libclone-perl
    libtext-template-perl libyaml-tiny-perl libyaml-perl libparse-edid-perl libxml-xpath-perl libhttp-daemon-perl
    libwww-perl liburi-perl libhttp-message-perl libhttp-date-perl liblwp-mediatypes-perl libencode-locale-perl
    libio-html-perl libhtml-parser-perl libtimedate-perl
)

# fusioninventory: sets the array `fusioninventory` to a command that takes one inventory into "$work/fusion"; empty
# where it cannot be had.
find_fusioninventory() {
    fusioninventory=()
    mkdir -p "$work/fusion"
    : >"$work/fusion.cfg"
    local options=(--local="$work/fusion" --no-category=printer --force --conf-file="$work/fusion.cfg")
    if command -v fusioninventory-agent >/dev/null; then
        fusioninventory=(fusioninventory-agent "${options[@]}")
    elif command -v perl >/dev/null && unpack fusioninventory-agent "${perl_libraries[@]}"; then
        local share=$work/peers/root/usr/share
        # It looks for its tasks where the package would have put them.
        sed -i "s#/usr/share/fusioninventory#$share/fusioninventory#g; s#/var/lib/fusioninventory-agent#$work/fusion#" \
            "$share/fusioninventory/lib/setup.pm"
        local path
        path=$share/fusioninventory/lib:$share/perl5:$(find "$work/peers/root/usr/lib" -maxdepth 3 -path '*perl5/*' -type d | paste -sd:)
        fusioninventory=(env PERL5LIB="$path" perl "$work/peers/root/usr/bin/fusioninventory-agent" "${options[@]}")
    fi
}
