"""Makes this tree's Debian package with packaging/package, and newer versions of it by editing it."""
import functools
import os
import re
import shutil
import subprocess

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("VITALSD_")} | {"LC_ALL": "C.UTF-8"}


def missing():
    """Why no package can be made; empty if one can."""
    return ", ".join(f"no {tool} (./dev deps test)" for tool in ("dpkg-buildpackage", "dh", "clang-19", "lintian") if not shutil.which(tool))


def run(*command, **kwargs):
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, **kwargs)


def must(*command, **kwargs):
    done = run(*command, **kwargs)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@functools.cache
def make(twice=True):
    """-> the path of the package. With `twice` it is built twice, and both must be equal."""
    printed = must(f"{ROOT}/packaging/package", *(["--twice"] if twice else []), cwd=ROOT).split()
    assert len(printed) == 1, printed
    return f"{ROOT}/{printed[0]}"


def field(deb, name):
    return must("dpkg-deb", "-f", deb, name).strip()


def dependencies(deb):
    """The names of the packages that it depends on; the first of alternatives."""
    return [re.match(r"[\w.+-]+", each.strip())[0] for each in field(deb, "Depends").split(",")]


def contents(deb):
    """Its files: path -> (mode as `ls` writes it, owner)."""
    lines = [line.split(None, 5) for line in must("dpkg-deb", "-c", deb).splitlines()]
    return {path.removeprefix("."): (mode, owner) for mode, owner, _, _, _, path in lines}


def newer(deb, directory, version, edit):
    """Makes another version of the package, after `edit` has changed its tree -> its path."""
    tree = f"{directory}/{version}"
    must("dpkg-deb", "-R", deb, tree)
    edit(tree)
    control = f"{tree}/DEBIAN/control"
    with open(control) as f:
        text = re.sub(r"(?m)^Version: .*$", f"Version: {version}", f.read())
    with open(control, "w") as f:
        f.write(text)
    path = f"{directory}/vitalsd_{version}.deb"
    must("dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, path)
    shutil.rmtree(tree)
    return path
