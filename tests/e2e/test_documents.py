"""Tests what is generated from the tables: manual pages, completion, and the example configuration."""
import os
import re
import shutil
import subprocess
import textwrap
import unittest

from harness import Case, run

README = os.path.join(os.path.dirname(__file__), "../../README.md")
SIDECAR = os.path.join(os.path.dirname(__file__), "../../packaging/kubernetes/sidecar.yaml")
EXAMPLE = os.path.join(os.path.dirname(__file__), "../../packaging/vitalsd.yml")


def made(form):
    done = run("--reference", f"--reference.format={form}")
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def flags():
    return set(re.findall(r"^  --(?:\[no-\])?([a-z][\w.-]*)", run("--help=all").stdout, re.M))


def needs(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


class ReadmeTest(Case):
    def test_shows_as_many_collectors_as_are_on(self):
        on = sum(line.split()[1] == "on" for line in run("--collectors").stdout.splitlines())
        with open(README) as readme:
            self.assertIn(f" msg=ready collectors={on}\n", readme.read(), "./dev reference writes it")


    def test_shows_the_sidecar_that_is_shipped(self):
        with open(README) as readme, open(SIDECAR) as sidecar:
            shown = next(block for block in re.findall(r"```yaml\n(.*?)```", readme.read(), re.S) if "initContainers" in block)
            self.assertIn(textwrap.indent(shown, "    "), sidecar.read())


class ManTest(Case):
    @needs("man")
    def test_both_pages_are_rendered_without_a_warning(self):
        for form, name in (("man8", "vitalsd.8"), ("man5", "vitalsd.yml.5")):
            page = self.file(name, made(form))
            done = subprocess.run(["man", "--warnings=w", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], capture_output=True, text=True,
                                  env=os.environ | {"LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"})
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

    @needs("man")
    def test_every_flag_and_key_can_be_read(self):
        def rendered(form, name):
            page = self.file(name, made(form))
            return subprocess.run(["man", "-E", "ascii", "-l", page], capture_output=True, text=True,
                                  env=os.environ | {"MANWIDTH": "200", "MANPAGER": "cat", "MAN_KEEP_FORMATTING": ""}).stdout
        command = rendered("man8", "vitalsd.8")
        for flag in flags():
            self.assertRegex(command, rf"--(\[no-\])?{re.escape(flag)}\b")
        keys = re.findall(r"^\| `([\w.]+)` \| `--", run("--reference").stdout, re.M)
        self.assertIn("collectors.cgroups.include", keys)
        file = rendered("man5", "vitalsd.yml.5")
        for key in keys:
            self.assertIn(key, file)

    def test_an_unknown_format_is_refused(self):
        done = run("--reference", "--reference.format=pdf")
        self.assertEqual((done.returncode, done.stdout), (2, ""))


class BashTest(Case):
    BREAKS = " \t\n\"'><=;|&(:"  # as in an interactive bash

    def complete(self, *words, breaks=BREAKS):
        """The completions that a real bash offers for the last word."""
        script = self.file("vitalsd.bash", made("bash"))
        program = ('source "$1"; shift; COMP_WORDBREAKS=$1; shift; COMP_WORDS=(vitalsd "$@"); COMP_CWORD=$#; COMP_LINE="${COMP_WORDS[*]}"; '
                   'COMP_POINT=${#COMP_LINE}; _vitalsd vitalsd; printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "--norc", "-c", program, "bash", script, breaks, *words], capture_output=True, text=True, cwd=self.directory)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [line for line in done.stdout.splitlines() if line]

    def test_every_flag_is_offered(self):
        offered = {word.rstrip("=") for word in self.complete("--")}
        self.assertEqual(flags() - {word[2:] for word in offered}, set())
        self.assertIn("--no-collector.entropy", offered)
        self.assertNotIn("--reference", offered)

    def test_words_and_their_values(self):
        self.assertEqual(self.complete("--web.listen"), ["--web.listen-address="])
        self.assertEqual(self.complete("heal"), ["healthcheck"])
        levels = ["debug", "info", "warn", "error"]
        self.assertEqual(self.complete("--log.level", "="), levels)
        self.assertEqual(self.complete("--log.level", "=", "de"), ["debug"])
        self.assertEqual(self.complete("--log.level", ""), levels)
        self.assertEqual(self.complete("--log.level=de", breaks=" \t\n"), ["--log.level=debug"])
        self.assertEqual(self.complete("--migrate", "=", "n"), ["node_exporter"])
        self.assertEqual(self.complete("--migrate", "=", "node_exporter", "--", "--we"), [])

    def test_files_and_directories(self):
        self.file("good.yml", "")
        os.mkdir(f"{self.directory}/goods")
        self.assertEqual(sorted(self.complete("--config.file", "=", "goo")), ["good.yml", "goods"])
        self.assertEqual(self.complete("--path.procfs", "=", "goo"), ["goods"])

    def test_what_is_offered_is_taken(self):
        offered = [word for word in self.complete("--no-") if word.startswith("--no-")]
        self.assertGreater(len(offered), 10)
        self.assertEqual(run("--config.check", *offered).stderr, "")

    def test_an_interactive_bash_completes(self):
        script = self.file("vitalsd.bash", made("bash"))
        keys = f"source {script}\nvitalsd --web.telem\t/x --log.form\tj\t\x01echo \necho done\nexit\n"
        done = subprocess.run(["script", "-qec", "bash --norc -i", "/dev/null"], input=keys, capture_output=True, text=True, timeout=60,
                              env=os.environ | {"TERM": "dumb", "PS1": "$ "}) if shutil.which("script") else None
        if done is None:
            self.skipTest("script is not installed")
        self.assertIn("\nvitalsd --web.telemetry-path=/x --log.format=json", done.stdout.replace("\r", ""))


class ZshTest(Case):
    @needs("zsh")
    def test_zsh_reads_it_and_offers_every_flag(self):
        script = self.file("_vitalsd", made("zsh"))
        self.assertEqual(subprocess.run(["zsh", "-n", script], capture_output=True, text=True).stderr, "")
        # The array's items after zsh has removed the quoting.
        program = "_arguments() { shift 2; print -rl -- \"$@\" }; source $1"
        done = subprocess.run(["zsh", "-fc", program, "zsh", script], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        offered = set(re.findall(r"^\*?--([\w.-]+)", done.stdout, re.M))
        self.assertEqual(flags() - offered, set())
        for line in done.stdout.splitlines()[1:]:
            self.assertRegex(line, r"^\*?--[\w.-]+(=?)\[(\\.|[^\[\]\\])*\](:[^:]+:.+)?$")


class ExampleTest(Case):
    def check(self, text):
        done = run("--config.check", f"--config.file={self.file('example.yml', text)}")
        self.assertEqual((done.returncode, done.stderr), (0, ""), text)

    def test_each_commented_line_is_valid(self):
        with open(EXAMPLE) as f:
            lines = f.read().splitlines(keepends=True)
        self.check("".join(lines))
        commented = [i for i, line in enumerate(lines) if re.match(r"\s*#\S", line)]
        self.assertGreater(len(commented), 10)
        uncommented = [line.replace("#", "", 1) if i in commented else line for i, line in enumerate(lines)]
        for i in commented:
            self.check("".join(lines[:i] + [uncommented[i]] + lines[i + 1:]))
        self.check("".join(uncommented))


if __name__ == "__main__":
    unittest.main()
