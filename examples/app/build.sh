#!/bin/sh
# Build the example image and print the source that image-push takes.
#
#   build.sh NAME TAG FOLDER
#
# With a reachable Docker engine and a static busybox it is `docker build`; without them the same
# image, but for the program, is laid out in FOLDER by a few lines of Python.
set -eu

name=$1 tag=$2 folder=$3
here=$(cd "$(dirname "$0")" && pwd)

if docker version >/dev/null 2>&1 && program=$(command -v busybox) &&
    "$program" --list 2>/dev/null | grep -qx httpd && ! ldd "$program" >/dev/null 2>&1; then
    context=$folder/context-$name
    mkdir -p "$context"
    cp "$here/Dockerfile" "$here/page.html" "$context"
    cp "$program" "$context/program"
    docker build --quiet --build-arg "NAME=$name" --tag "$name:$tag" "$context" >&2
    echo "$name:$tag"
else
    python3 "$here/layout.py" "$folder/oci-$name" "$name" "$here/page.html"
    echo "oci:$folder/oci-$name"
fi
