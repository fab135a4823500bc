"""Configures and builds: build/ and its siblings, a chapter's program."""

import os
import re
import shutil

import ninja
from processes import become, output_of, run
from speaking import ROOT, Failure, Refusal, say, shown

BUILD = ROOT / "build"


def chapters():
    return sorted(path.name for path in (ROOT / "chapters").glob("[0-9]*") if path.is_dir())


def chapter(word):
    """The name of the chapter's folder, for "1", "01" or "01_two_steps"."""
    number = word.zfill(2) if re.fullmatch("[0-9]", word) else word
    for name in chapters():
        if number in (name, name.split("_")[0]):
            return name
    raise Refusal(f"there is no chapter '{shown(word)}'; there are: {' '.join(chapters())}")


def program(name):
    """The chapter's program, as a target and as a file below a build folder."""
    return f"chapters/{name}/{name}"


def clang():
    return os.environ["COURSE_CLANG"]


def clang_tool(name):
    """The path of a program that comes with Clang and has its version."""
    version = re.search(r"-(\d+)$", clang())
    return shutil.which(f"{name}-{version[1] if version else 19}") or shutil.which(name)


def linker():
    """The one that comes with Clang takes half the time of the system's, where it is installed."""
    path = output_of([clang(), "-print-prog-name=ld.lld"])[1].strip()
    return {"CXX_LD": "lld"} if os.path.isfile(path) else {}


def configure_wasm(build):
    """The same for WebAssembly, with the newest Clang."""
    files = {"clang.ini": f"[binaries]\ncpp = ['{clang()}', '--target=wasm32-wasi']\n"}
    configure(build, "--cross-file", str(ROOT / "wasm.ini"), "--cross-file", str(build / "clang.ini"), files=files)


def configure(build=BUILD, *options, files={}):
    """Lets Meson write the build files, unless it has done so with this compiler and these options in this place. It
    may need files of its own there: their texts by their names."""
    if os.environ.get("CI"):
        options = (*options, "-Dwerror=true")
    version = output_of([clang(), "--version"])[1].splitlines()[0]
    made_by, record = f"{ROOT}: {' '.join(options)} {version}", build / "made_by_course"
    if (build / "build.ninja").exists() and (not record.exists() or record.read_text().rstrip("\n") == made_by):
        # Something in the build files may have changed: Meson's words about it matter only when it fails.
        status, said = output_of(["ninja", "--quiet", "-C", build, "build.ninja"])
    else:
        say(f"configuring {build.name}/ with {os.path.basename(clang())}")
        shutil.rmtree(build, ignore_errors=True)
        for name, text in files.items():
            build.mkdir(exist_ok=True)
            (build / name).write_text(text)
        status, said = output_of(["meson", "setup", build, ROOT, *options],
                                 env={**linker(), **os.environ, "CXX": clang()})
        if status == 0:
            record.write_text(made_by + "\n")
    if status:
        errors = [line for line in said.splitlines() if "ERROR" in line]
        raise Failure("\n".join(errors) or f"{build.name}/ could not be configured:\n{said}")


def reconfigure(build=BUILD):
    """Lets Meson look again at what is installed."""
    status, said = output_of(["meson", "setup", "--reconfigure", build])
    if status:
        raise Failure(f"{build.name}/ could not be configured:\n{said}")


def list_commands():
    """For editors. Meson's own list leaves the interfaces of modules out."""
    listing = ROOT / "compile_commands.json"
    if not listing.exists() or (BUILD / "build.ninja").stat().st_mtime > listing.stat().st_mtime:
        rules = ("cpp_COMPILER", "cpp_COMPILER_RSP", "CUSTOM_COMMAND_DEP")
        listing.write_text(output_of(["ninja", "-t", "compdb", *rules], cwd=BUILD)[1])


def compile(what, *targets, build=BUILD):
    """Builds the targets; silent if there is nothing to do."""
    if build == BUILD:
        list_commands()
    steps = ninja.steps_to_do(build, targets)
    if steps:
        say(f"building in {build.name}/: {what}")
        ninja.build(build, targets, steps)


def compile_chapters():
    names = [name for name in chapters() if (ROOT / "chapters" / name / "meson.build").exists()]
    compile("the chapters", *map(program, names))


def start(name, words, *before):
    """Builds a chapter's program, then becomes it; what it has to do before that comes first."""
    configure()
    compile(name, program(name))
    for earlier in before:
        status = run([BUILD / program(name), *earlier])
        if status:
            return status
    become(BUILD / program(name), *words)
